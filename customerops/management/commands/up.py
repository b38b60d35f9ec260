"""`manage.py up`: everything on this machine, under one supervisor, until Ctrl-C."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from customerops.bring_up import CannotStartError, bring_up
from customerops.console import Console
from customerops.embedded.runner import ServerDidNotStart


class Command(BaseCommand):
    """PORT, HOST, WEB_WORKERS, DEMO and LOG_FORMAT are read from the environment."""

    help = (
        "Start Postgres and Valkey where no URL names others, then web, workers and beat; Ctrl-C stops all."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Stay until asked to stop."""
        try:
            bring_up(Console(raw=settings.LOG_FORMAT == "json"))
        except (CannotStartError, ServerDidNotStart) as error:
            raise CommandError(str(error)) from error
