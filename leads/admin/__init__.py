"""Leads for the people who call them."""

from leads.admin.leads import LeadAdmin
from leads.admin.readings import EnrichmentModelAdmin

__all__ = ["EnrichmentModelAdmin", "LeadAdmin"]
