"""Where commands can run."""
