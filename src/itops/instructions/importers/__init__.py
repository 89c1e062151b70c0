"""Other people's formats, read into instructions."""
