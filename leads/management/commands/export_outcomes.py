"""`manage.py export_outcomes`: every outcome as CSV."""

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

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
        if (output := options["output"]) is None:
            _print(cast(TextIO, self.stdout).buffer)
        else:
            _write(output)


def _print(out: BinaryIO) -> None:
    try:
        out.writelines(export.csv_blocks())
        out.flush()
    except BrokenPipeError:
        # `| head` has read enough. Nowhere is left to complain to, nor to flush to when we end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        sys.exit(128 + signal.SIGPIPE)


def _write(output: Path) -> None:
    partial = output.with_name(output.name + ".part")
    try:
        with partial.open("wb") as stream:
            stream.writelines(export.csv_blocks())
        partial.replace(output)
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
