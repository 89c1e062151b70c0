"""Which instructions answer a request, and whether any does."""
