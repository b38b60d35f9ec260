"""Fifteen faults in a running stack, and whether each raises its alert and no other."""
