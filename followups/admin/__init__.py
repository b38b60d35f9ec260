"""Policies for people who are no programmers, receivers, the queue to look into, and both switches."""

from followups.admin import ledger, policies, receivers, rows

__all__ = ["ledger", "policies", "receivers", "rows"]
