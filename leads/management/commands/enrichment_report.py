"""`manage.py enrichment_report`: what the reading of messages reaches. No database; some minutes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from leads.training import inside, outside
from leads.training.measures import Measure, document, row, table
from privacy.management.folders import data_folder

PAGE = Path("docs") / "enrichment" / "figures.md"


class Command(BaseCommand):
    """Prints the table; `--write` also keeps it in docs/enrichment."""

    help = "Measure the models that read messages, and their trainer."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The data folder is optional: our own messages are always measured."""
        parser.add_argument("--data", type=Path, help="folder of texts by others; else CUSTOMEROPS_DATA")
        parser.add_argument("--write", action="store_true", help=f"write {PAGE} too")

    def handle(self, *args: Any, **options: Any) -> str:
        """Measure, keep, show."""
        folder = data_folder(options["data"])
        measures: list[Measure] = []
        for measure in _measured(folder):
            measures.append(measure)
            if options["verbosity"]:
                self.stderr.write(row(measure))
        if options["write"]:
            page = settings.BASE_DIR / PAGE
            page.parent.mkdir(exist_ok=True)
            page.write_text(document(measures), encoding="utf-8")
        return table(measures)


def _measured(folder: Path | None) -> Iterator[Measure]:
    yield from inside.speed()
    if folder:
        for measured in outside.SETS:
            yield from measured(folder)
    yield from inside.unseen_shapes()
    yield from inside.handwritten(folder)
