"""The model for operators: versions, the ledger, runs, and what people decided about features."""

from modeling.admin import leads, processes, quality, rules, runs, versions, watching

__all__ = ["leads", "processes", "quality", "rules", "runs", "versions", "watching"]
