"""The library: find, rank, cite and edit an organisation's instructions."""
