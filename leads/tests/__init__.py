"""leads: tests."""
