"""followups: tests."""
