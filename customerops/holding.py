"""Legal holds on a person: on every lead that is theirs when it is asked for."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from leads.models import Lead
from leads.people import Subject
from privacy import holds
from privacy.encryption import UnreadableContact


def place(*, subject: Subject, reason: str, actor: str, now: datetime) -> list[UUID]:
    """The leads that are held from now on. Raises HoldError when there are none, or all were held before."""
    person = contact_of(subject)
    return holds.place(leads=lambda: _leads(subject), reason=reason, actor=actor, now=now, person=person)


def lift(*, subject: Subject, actor: str, now: datetime) -> list[UUID]:
    """The leads that are free now. Raises HoldError when none was held."""
    return holds.lift(leads=_leads(subject), actor=actor, now=now)


def contact_of(subject: Subject) -> Mapping[str, str]:
    """Whom a reason may name, as far as a listed key can read it."""
    try:
        first: Lead | None = subject.leads().only("contact").first()
    except UnreadableContact:
        return {}
    return (first.contact or {}) if first else {}


def _leads(subject: Subject) -> list[UUID]:
    return list(subject.leads().order_by("pk").values_list("pk", flat=True))
