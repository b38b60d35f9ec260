"""`manage.py erase_again`: after a restored backup, erase again who was erased since it was made."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from customerops import returning
from privacy import gravestones, operator


class Command(BaseCommand):
    """The nightly task does the same."""

    help = "Bring back tombstones from their copies, and erase every lead that matches one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where more tombstones are."""
        parser.add_argument(
            "--copy", metavar="FILE", help="what `tombstones` printed elsewhere; - reads standard input"
        )

    def handle(self, *args: Any, **options: Any) -> str:
        """Look at every lead and tell."""
        told = _taken_in(options["copy"]) if options["copy"] else []
        found = returning.erase_again(actor=operator.name(), now=now())
        return "\n".join([*told, *found.sentences()])


def _taken_in(name: str) -> list[str]:
    text = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    copied = [line for line in text.splitlines() if line.strip()]
    try:
        good = gravestones.take_in(copied)
    except gravestones.CopiesAway as error:
        raise CommandError(str(error)) from error
    if copied and not good:
        raise CommandError("None of these lines was made with a key of SUBJECT_KEYS: nobody was erased.")
    return [f"{good:,} of {len(copied):,} lines taken over."]
