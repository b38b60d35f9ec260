"""`python -m benchmarks.chaos`: follow-ups while processes die, Postgres crashes and Redis forgets."""
