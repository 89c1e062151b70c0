"""Readers of other inventories."""
