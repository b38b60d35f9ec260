"""The deployment files: no engine runs in tests, so what they name, promise and start is checked singly."""
