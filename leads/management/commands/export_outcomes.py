"""`manage.py export_outcomes`: every outcome as CSV."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from leads import export


class Command(BaseCommand):
    """Streams to standard output, or to a file that appears only when it is whole."""

    help = (
        "Write every outcome as CSV: ids, states, dates, numbers and categories; no free text, no contacts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One option."""
        parser.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the blocks as they come."""
        output: Path | None = options["output"]
        if output is None:
            for block in export.csv_blocks():
                self.stdout.buffer.write(block)  # type: ignore[attr-defined]
            return
        partial = output.with_name(output.name + ".part")
        with partial.open("wb") as stream:
            stream.writelines(export.csv_blocks())
        os.replace(partial, output)
