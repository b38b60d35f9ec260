"""The model for operators: versions, the ledger, runs, and what people decided about features."""

from modeling.admin import leads, processes, rules, runs, versions

__all__ = ["leads", "processes", "rules", "runs", "versions"]
