"""Replays a history as it would have happened. Training processes only (numpy, scikit-learn)."""
