"""All that is stored of a person, for the person: what they told, what was made of it, how long it stays."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Model

from followups.models import Enrolment, FollowUp
from leads import retention
from leads.models import Lead, Message, Outcome
from leads.people import Subject
from modeling.models import Prediction
from privacy.encryption import UnreadableContact
from privacy.models import LegalHold

FORMAT = 1  # of the document
log = structlog.get_logger(__name__)

UNREADABLE = "encrypted with a key that is no longer listed"
# Digests are of use to nobody who has the values; the lead's id stands on top.
LEFT_OUT = {"id", "lead", "contact", "email_digest", "phone_digest"}


def export(*, subject: Subject, actor: str, now: datetime) -> dict[str, Any]:
    """A document with every lead of the person; `leads` is empty when there is none."""
    leads = subject.leads().defer("contact").order_by("created_at", "pk")
    told = [_lead(lead) for lead in leads]
    if told:  # who took personal data away has to be known
        log.info("person_exported", actor=actor, leads=len(told))
    return {"format": FORMAT, "exported_at": now, "leads": told}


def _lead(lead: Lead) -> dict[str, Any]:
    return {
        "lead_id": lead.pk,
        "contact": _contact(lead.pk),
        "lead": _values(lead),
        "messages": _rows(Message.objects.filter(lead=lead).order_by("position")),
        "outcomes": _rows(Outcome.objects.filter(lead=lead).order_by("recorded_at", "pk")),
        "enrolments": _rows(Enrolment.objects.filter(lead=lead).order_by("enrolled_at", "pk")),
        "followups": _rows(FollowUp.objects.filter(lead=lead).order_by("policy", "step")),
        "predictions": _rows(Prediction.objects.filter(lead=lead).order_by("at", "pk")),
        "legal_holds": _rows(LegalHold.objects.filter(lead_id=lead.pk).order_by("placed_at")),
        "kept_until": retention.kept_until(lead=lead),
    }


def _contact(lead: UUID) -> Mapping[str, str] | str | None:
    try:
        contact: Mapping[str, str] | None = Lead.objects.only("contact").get(pk=lead).contact
    except UnreadableContact:
        return UNREADABLE
    return contact


def _rows(rows: Iterable[Model]) -> list[dict[str, Any]]:
    return [_values(row) for row in rows]


def _values(row: Model) -> dict[str, Any]:
    """Every column, so that one that is added later is told as well."""
    fields = [field for field in row._meta.concrete_fields if field.name not in LEFT_OUT]
    return {field.attname: field.value_from_object(row) for field in fields}
