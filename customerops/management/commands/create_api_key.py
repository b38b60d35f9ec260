"""`manage.py create_api_key NAME --scopes read,write`: the key is printed once and kept only as a hash."""

import argparse
import re
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from customerops.models import ApiKey

UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class Command(BaseCommand):
    """Standard output has the key and nothing else, so that `KEY=$(…)` works."""

    help = "Make an API key, or revoke one by its prefix."

    def add_arguments(self, parser: CommandParser) -> None:
        """A new key, or --revoke."""
        parser.add_argument("name", nargs="?", default="", help="who or what will use it")
        parser.add_argument("--scopes", type=_scopes, help="any of read,write,ops")
        parser.add_argument("--expires-in", type=_duration, metavar="90d", help="days, hours or minutes")
        parser.add_argument("--revoke", metavar="PREFIX", help="end the key that starts with PREFIX")

    def handle(self, *args: Any, **options: Any) -> str:
        """Make or revoke."""
        return _revoke(options["revoke"]) if options["revoke"] else self._create(**options)

    def _create(
        self, *, name: str, scopes: list[str] | None, expires_in: timedelta | None, **options: Any
    ) -> str:
        if not name or scopes is None:
            raise CommandError("a new key needs a NAME and --scopes, such as --scopes read,write")
        if len(name) > 50:
            raise CommandError("a NAME has at most 50 characters")
        expires_at = now() + expires_in if expires_in else None
        row, key = ApiKey.objects.create_key(name=name, scopes=scopes, expiry_date=expires_at)
        until = f"until {expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else "without end"
        self.stderr.write(f"Key {row.prefix}: {', '.join(scopes)}, {until}. It is shown this once:")
        return key


def _revoke(prefix: str) -> str:
    row = ApiKey.objects.filter(prefix=prefix.partition(".")[0]).first()
    if row is None:
        raise CommandError(f"no key starts with {prefix.partition('.')[0]!r}")
    if row.revoked:
        return f"Key {row.prefix} ({row.name}) was revoked before."
    row.revoked = True
    row.save()
    return f"Key {row.prefix} ({row.name}) is revoked."


def _scopes(text: str) -> list[str]:
    asked = [part.strip() for part in text.split(",")]
    for scope in asked:
        if scope not in ApiKey.Scope.values:
            raise argparse.ArgumentTypeError(f"{scope!r} is not one of {', '.join(ApiKey.Scope.values)}")
    return [scope for scope in ApiKey.Scope.values if scope in asked]


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"([1-9]\d{0,4})([dhm])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90d, 12h or 30m")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
