"""`manage.py run NAME`: one program by itself, for containers and service managers."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerops import house, lone
from customerops.console import Console
from customerops.embedded.runner import ServerDidNotStart


class Command(BaseCommand):
    """HOST, PORT, METRICS_PORT, WEB_WORKERS and LOG_FORMAT are read from the environment."""

    help = "Run one of the programs that `up` runs, until it ends or SIGTERM; /metrics is on METRICS_PORT."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument("name", choices=house.names())

    def handle(self, *args: Any, **options: Any) -> None:
        """Stay until it has ended."""
        name = options["name"]
        try:
            status = lone.run(name, Console(raw=settings.LOG_FORMAT == "json"))
        except (OSError, ServerDidNotStart) as error:
            raise CommandError(f"METRICS_PORT or VAR_DIR cannot be used: {error}") from error
        if status:
            raise CommandError(f"{name} ended with status {status}.", returncode=status)
