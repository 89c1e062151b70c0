"""Listeners to the one event stream; nothing in the core knows them."""
