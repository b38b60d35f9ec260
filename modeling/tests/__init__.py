"""modeling: tests."""
