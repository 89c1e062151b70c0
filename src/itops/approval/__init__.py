"""The approval desk: questions to people about exactly one script, and their answers."""
