"""`manage.py export_subject`: all that is stored of a person, as JSON."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from customerops import exporting
from customerops.api.json import dumps
from customerops.subject_flags import add_subject_flags, subject_of
from privacy import operator


class Command(BaseCommand):
    """Contact details are decrypted: mind where the output goes."""

    help = "Print all that is stored of a person as JSON, contact details included."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom."""
        add_subject_flags(parser)

    def handle(self, *args: Any, **options: Any) -> str:
        """The document."""
        document = exporting.export(subject=subject_of(options), actor=operator.name(), now=now())
        if not document["leads"]:
            raise CommandError("there is no such lead")
        return dumps(document).decode()
