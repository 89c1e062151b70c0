"""Fakes and contracts, for our own tests and for authors of plugins; nothing in the product imports them."""
