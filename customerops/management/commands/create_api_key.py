"""`manage.py create_api_key`: a key for a caller, shown once; or the end of one."""

import re
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from customerops import credentials
from customerops.models import ApiKey

LONGEST_NAME = ApiKey._meta.get_field("name").max_length or 0
SPANS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Command(BaseCommand):
    """Only the hash of a key is kept."""

    help = "Create an API key and print it once, or revoke one with --revoke PREFIX."

    def add_arguments(self, parser: CommandParser) -> None:
        """A name and scopes, or a prefix to revoke."""
        parser.add_argument("name", nargs="?", help="whose key it is")
        parser.add_argument(
            "--scopes", default="read", help="comma-separated: read, write, ops (default read)"
        )
        parser.add_argument(
            "--expires-in", metavar="90d", help="12h, 90d, 4w; without it the key does not expire"
        )
        parser.add_argument("--revoke", metavar="PREFIX", help="the eight characters before the key's dot")

    def handle(self, *args: Any, **options: Any) -> str:
        """The key, or the sentence that it is revoked."""
        if options["revoke"]:
            if not credentials.revoke_key(prefix=options["revoke"]):
                raise CommandError(f"no usable key begins with {options['revoke']}")
            return f"Key {options['revoke']} is revoked."
        if not options["name"]:
            raise CommandError("name the key's owner, or --revoke PREFIX")
        if len(options["name"]) > LONGEST_NAME:
            raise CommandError(f"a name has {LONGEST_NAME} characters at most")
        return credentials.create_key(
            name=options["name"], scopes=_scopes(options["scopes"]), expires_at=_expiry(options["expires_in"])
        )


def _scopes(text: str) -> list[str]:
    scopes = [part.strip() for part in text.split(",") if part.strip()]
    unknown = sorted(set(scopes) - set(ApiKey.Scope.values))
    if unknown or not scopes:
        raise CommandError(f"--scopes takes read, write and ops, not {', '.join(unknown) or 'nothing'}")
    return scopes


def _expiry(text: str | None) -> Any:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,4})([hdw])", text)
    if match is None:
        raise CommandError(f"--expires-in takes 12h, 90d or 4w, not {text}")
    return now() + int(match[1]) * SPANS[match[2]]
