"""`manage.py inventory`: what the database holds and which keys read it, to compare after a restore."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerops import inventory


class Command(BaseCommand):
    """Prints JSON, or how things differ from JSON that was printed earlier."""

    help = (
        "Count the rows of every table and fingerprint the keys; or compare both with an earlier inventory."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to compare with, and how far."""
        parser.add_argument("--compare", metavar="FILE", help="an earlier inventory; - reads standard input")
        parser.add_argument("--keys", action="store_true", help="compare the keys alone; asks no database")
        parser.add_argument("--strict", action="store_true", help="fail when rows are not as many as then")

    def handle(self, *args: Any, **options: Any) -> str:
        """Print or compare; a key that is missing is always an error."""
        if options["compare"] is None:
            return inventory.take().text()
        name = options["compare"]
        try:
            then = inventory.read(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
        except (OSError, inventory.NoInventoryError) as error:
            raise CommandError(str(error)) from error
        if missing := inventory.missing_keys(then, inventory.fingerprints()):
            raise CommandError("\n".join(missing))
        if options["keys"]:
            return "All keys of that time are here."
        found = inventory.differences(then, inventory.take())
        if found and options["strict"]:
            raise CommandError("\n".join(found))
        return "\n".join(found) or "As many rows as then in every table."
