"""What others reach: small servers of theirs, run by an environment of their own (BENCH_PEERS_VENV)."""
