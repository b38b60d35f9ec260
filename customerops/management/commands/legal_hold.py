"""`manage.py legal_hold`: keep a lead from erasure and retention, or let it go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from customerops import holding
from customerops.subject_flags import add_subject_flags, subject_of
from privacy import operator
from privacy.holds import HoldError


class Command(BaseCommand):
    """Holds on all leads of a person at once."""

    help = "Place a legal hold on a person's leads, or lift it with --lift."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, why, and which way."""
        add_subject_flags(parser)
        parser.add_argument("--reason", default="", help="why it has to be kept; stored redacted")
        parser.add_argument("--lift", action="store_true", help="end the hold")
        parser.add_argument("--actor", help="who asks; the account of this shell when left out")

    def handle(self, *args: Any, **options: Any) -> str:
        """One sentence."""
        subject, actor = subject_of(options), options["actor"] or operator.name()
        try:
            if options["lift"]:
                leads = holding.lift(subject=subject, actor=actor, now=now())
                return f"{len(leads):,} leads are no longer held: {', '.join(map(str, leads))}"
            leads = holding.place(subject=subject, reason=options["reason"], actor=actor, now=now())
        except HoldError as error:
            raise CommandError(str(error)) from error
        return f"{len(leads):,} leads are held: {', '.join(map(str, leads))}"
