"""The model for operators: versions, the ledger, runs, and what people decided about features."""

from modeling.admin import processes, rules, runs, versions

__all__ = ["processes", "rules", "runs", "versions"]
