"""Learns from matured leads, judges what it learned, serves it, and can go back."""

import os

# OpenMP reads this when scikit-learn loads. By default its waiting threads spin, and a training beside
# another busy process takes ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
