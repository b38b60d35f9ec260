"""App configuration: default schedule rows after every migrate."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CustomerOpsConfig(AppConfig):
    """The product's own doors, keys and schedule."""

    name = "customerops"
    verbose_name = "Access"

    def ready(self) -> None:
        """Register system checks, give tasks their broker, and make missing schedule rows after migrate."""
        from customerops import celery, checks, schedule  # noqa: F401 - importing registers them

        post_migrate.connect(schedule.create_missing_rows, sender=self)
