"""A made-up person passes through the doors, and a sweeper looks everywhere for what was left behind."""
