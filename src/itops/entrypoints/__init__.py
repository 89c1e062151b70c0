"""Doors: thin; each translates, calls the facade, and translates back."""
