"""`manage.py redaction_report`: what redaction finds and touches on marked text. Needs no database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy import measured
from privacy.management.folders import data_folder

PAGE = Path("docs") / "privacy" / "recall.md"


class Command(BaseCommand):
    """Prints the table; `--write` also keeps it in docs/privacy."""

    help = "Measure full-span recall and touched messages on marked corpora."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The data folder is optional: the invented messages are always measured."""
        parser.add_argument("--data", type=Path, help="folder of corpora; else CUSTOMEROPS_DATA")
        parser.add_argument("--share", type=float, default=1.0, help="of the texts to take (default 1.0)")
        parser.add_argument("--write", action="store_true", help=f"write {PAGE} too")

    def handle(self, *args: Any, **options: Any) -> str:
        """Measure, keep, show."""
        if not 0 < options["share"] <= 1:
            raise CommandError("--share is more than 0 and at most 1")
        lines = list(measured.measure(data_folder(options["data"]), share=options["share"]))
        if options["write"]:
            (settings.BASE_DIR / PAGE).write_text(measured.document(lines), encoding="utf-8")
        return measured.table(lines)
