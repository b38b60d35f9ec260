"""`manage.py services start|stop|status`: the embedded Postgres and Valkey."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerops import embedded
from customerops.bring_up import is_up
from customerops.embedded import postgres, valkey
from customerops.embedded.paths import is_elsewhere, socket_dir, var_dir


class Command(BaseCommand):
    """Commands start the servers by themselves; they run on until they are stopped here."""

    help = "Start, stop or look at the embedded servers."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do."""
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, **options: Any) -> str:
        """Do it, then say how things stand."""
        if options["action"] == "start":
            embedded.ensure_servers()
        elif options["action"] == "stop":
            if is_up():
                raise CommandError(
                    f"`up` runs with the servers in {var_dir()} and would start them again: Ctrl-C it"
                )
            valkey.stop()
            postgres.stop()
        return "\n".join(
            [
                _state("Postgres", "DATABASE_URL", up=postgres.answers()),
                _state("Valkey", "REDIS_URL", up=valkey.answers()),
                f"files {var_dir()}, sockets {socket_dir()}",
            ]
        )


def _state(name: str, url: str, *, up: bool) -> str:
    if is_elsewhere(url):
        return f"{name}: {url} names another server; this one is not ours"
    return f"{name}: {'runs' if up else 'stopped'}"
