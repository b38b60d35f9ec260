"""`manage.py apply_retention`: remove what was kept long enough, as the nightly task does."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.timezone import now

from leads import retention


class Command(BaseCommand):
    """By the settings RETENTION_*_DAYS."""

    help = "Remove messages, contacts and leads that were kept long enough; legal holds are respected."

    def add_arguments(self, parser: CommandParser) -> None:
        """One way to look first."""
        parser.add_argument("--dry-run", action="store_true", help="remove nothing, tell what would go")

    def handle(self, *args: Any, **options: Any) -> str:
        """Sweep and tell."""
        found = retention.apply(now=now(), dry_run=options["dry_run"])
        told = found.sentences()
        return "\n".join([*told, "Dry run: nothing was removed."] if options["dry_run"] else told)
