"""Names in, values out, at the last moment."""
