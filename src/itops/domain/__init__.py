"""The nouns: frozen, typed, knowing no technology."""
