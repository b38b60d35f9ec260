"""What others reach, run by an environment of their own (BENCH_REDACTORS_VENV)."""
