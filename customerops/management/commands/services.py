"""`manage.py services status|start|stop`: the embedded Postgres and Valkey by themselves."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerops import embedded
from customerops.embedded.processes import ServerDidNotStart


class Command(BaseCommand):
    """Servers that a URL names belong to somebody else: they are neither started nor stopped here."""

    help = "Show, start or stop the embedded servers."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb."""
        parser.add_argument("verb", choices=["status", "start", "stop"])

    def handle(self, *args: Any, **options: Any) -> str:
        """Do it, and say how things stand."""
        if options["verb"] == "start":
            try:
                embedded.ensure_servers()
            except ServerDidNotStart as error:
                raise CommandError(str(error)) from error
        if options["verb"] == "stop":
            embedded.stop_servers()
        return "\n".join(f"{name:<9} {state}" for name, state in embedded.server_states().items())
