"""Ways to think: each returns data, none can run anything."""
