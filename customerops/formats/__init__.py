"""How the admin writes and reads dates, by language."""
