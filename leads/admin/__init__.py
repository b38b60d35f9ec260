"""Leads for the people who call them."""

from leads.admin.leads import LeadAdmin

__all__ = ["LeadAdmin"]
