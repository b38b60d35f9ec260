"""App configuration."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Leads and their outcomes."""

    name = "leads"
