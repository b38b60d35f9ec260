"""customerops: tests."""
