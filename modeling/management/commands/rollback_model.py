"""`manage.py rollback_model`: serve an earlier version again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from modeling import registry
from privacy import operator


class Command(BaseCommand):
    """One more line in the ledger; every process follows within seconds."""

    help = "Go back to the version that served before, or to a named one."

    def add_arguments(self, parser: CommandParser) -> None:
        """A reason is asked of everybody."""
        parser.add_argument("--to", type=int, metavar="N", help="a version that has served before")
        parser.add_argument("--reason", required=True, help="why; kept in the ledger")

    def handle(self, *args: Any, **options: Any) -> str:
        """Roll back and say to what."""
        try:
            row = registry.roll_back(to=options["to"], actor=operator.name(), reason=options["reason"])
        except registry.RegistryError as error:
            raise CommandError(str(error)) from error
        return f"Version {row.version_id} serves again."
