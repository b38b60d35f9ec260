"""How commands are told whom they are about."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from leads.people import Subject
from privacy.digests import Name


def add_subject_flags(parser: CommandParser) -> None:
    """A lead by our id or the caller's, or a person by e-mail or phone."""
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("lead", nargs="?", metavar="LEAD_ID", help="one lead, by our id")
    whom.add_argument("--external-id", metavar="X", help="one lead, by the caller's id")
    whom.add_argument("--email", metavar="X", help="every lead with this e-mail")
    whom.add_argument(
        "--phone", metavar="X", help="every lead with this phone, with country code if it has one"
    )


def subject_of(options: dict[str, Any]) -> Subject:
    """Whom the flags name."""
    if options["lead"]:
        try:
            return Subject.lead(UUID(options["lead"]))
        except ValueError:
            raise CommandError(
                f"{options['lead']} is no lead id, which is a UUID; a caller's id goes with --external-id"
            ) from None
    found = [Subject(name, options[name]) for name in Name if name is not Name.LEAD and options[name]]
    if not found:
        raise CommandError("say who: a lead id, --external-id, --email or --phone")
    return found[0]
