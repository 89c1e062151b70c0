"""How the tables came to be, in steps that go up and down."""
