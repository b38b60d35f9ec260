"""`manage.py reencrypt`: the second step of a rotation of CONTACT_ENCRYPTION_KEYS."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy import rekeying
from privacy.rekeying import Fate


class Command(BaseCommand):
    """May be stopped and run again at any time."""

    help = "Encrypt anew, with the first of CONTACT_ENCRYPTION_KEYS, what an older one encrypted."

    def add_arguments(self, parser: CommandParser) -> None:
        """One way to look first."""
        parser.add_argument("--dry-run", action="store_true", help="change nothing, tell what would be")

    def handle(self, *args: Any, **options: Any) -> str:
        """Exit status 1 where a value cannot be read: then a key is missing from the list."""
        all_of_it: Counter[Fate] = Counter()
        for column in rekeying.columns():
            fates = rekeying.rekey(column, write=not options["dry_run"])
            self.stdout.write(f"{column}: {_told(fates)}")
            all_of_it += fates
        if unreadable := all_of_it[Fate.UNREADABLE]:
            raise CommandError(
                f"no key in CONTACT_ENCRYPTION_KEYS reads {unreadable:,} of them. List the key that encrypted"
                " them, then run this again; until then keep every key."
            )
        return _advice(all_of_it, dry_run=options["dry_run"])


def _told(fates: Counter[Fate]) -> str:
    current = fates[Fate.CURRENT] + fates[Fate.BUSY]
    told = f"{fates[Fate.CHANGED]:,} of an older key, {current:,} of the newest"
    return f"{told}, {fates[Fate.UNREADABLE]:,} unreadable" if fates[Fate.UNREADABLE] else told


def _advice(fates: Counter[Fate], *, dry_run: bool) -> str:
    if dry_run:
        return "Dry run: nothing was changed."
    return (
        "The newest key reads everything. The others may be taken off the list once no backup is left that"
        " they encrypted."
    )
