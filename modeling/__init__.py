"""Learns from matured leads, judges what it learned, serves it, and can go back."""

import os

# Before anything loads OpenMP: a thread that spins long while it waits takes the processor from the web
# workers, one that sleeps at once wakes late. A fit on two idle cores took 2.4 s as it comes, 2.6 s so and
# 3.1 s with no spinning; beside two busy processes 7.7 s, 4.7 s and 8.3 s.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
