"""What every door says alike: events as messages, and which turn started which task."""
