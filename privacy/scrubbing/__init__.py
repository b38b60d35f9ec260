"""Looks at everything that is kept once more, and redacts in place what should never have been kept.

`values` judges, `keyspace` walks Redis, `columns` walks Postgres, `running` holds a run together.
"""
