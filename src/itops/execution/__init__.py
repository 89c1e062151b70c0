"""Ways to run an approved script, exactly once."""
