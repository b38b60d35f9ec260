"""privacy: tests."""
