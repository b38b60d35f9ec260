"""App configuration: default schedule rows after every migrate, and the admin under our name."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate


class CustomerOpsConfig(AppConfig):
    """The product's own doors, keys and schedule."""

    name = "customerops"
    verbose_name = "Access"

    def ready(self) -> None:
        """Register system checks, give tasks their broker, and make missing schedule rows after migrate."""
        from customerops import celery, checks, children, schedule  # noqa: F401, PLC0415 - importing registers them

        post_migrate.connect(schedule.create_missing_rows, sender=self)


class SiteConfig(admin_apps.AdminConfig):
    """`django.contrib.admin` with our site; named in INSTALLED_APPS."""

    default = False
    default_site = "customerops.admin_site.Site"
