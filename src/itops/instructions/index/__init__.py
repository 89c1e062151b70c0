"""The search index: vectors of what instructions are, wherever they are kept."""
