"""People with leads, and everything a lead can leave behind."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils.timezone import now
from psycopg import sql

from customerops import erasing, intake
from customerops.erasing import Erased
from followups import policies
from followups.models import Enrolment, FollowUp, PolicyVersion
from leads import services
from leads.models import Lead, Message
from leads.people import Subject
from leads.services import NewLead
from privacy import memory
from privacy.digests import Name

ADA = {"name": "Ada Quendahl", "email": "ada@example.org", "phone": "+49 731 1234567"}
BEN = {"name": "Ben Otterbach", "email": "ben@example.org", "phone": "+49 731 7654321"}
LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC)


def arrived(external_id: str | None = "ada-1", contact: dict[str, str] | None = ADA, **values: Any) -> Lead:
    """A lead that came through the door."""
    values = {"created_at": LONG_AGO, "attributes": {"visits": 3}} | values
    [answer] = intake.receive(
        leads=[NewLead(external_id=external_id, contact=contact, **values)], now=now() - timedelta(minutes=5)
    )
    assert not answer.erased
    return Lead.objects.get(pk=answer.lead.pk)


def with_traces(lead: Lead) -> Lead:
    """An outcome, a message in both places, a follow-up, and the admin's log."""
    services.record_outcome(lead=lead, state="booked", now=now(), note="wants two rooms")
    said = {"sent_at": now(), "received_at": now(), "detector_version": 1, "role": "lead"}
    Message.objects.create(lead=lead, position=1, text="[PERSON] here", **said)
    followed(lead)
    memory._away_until = 0.0  # another test may have stopped Redis
    memory.fill(lead=lead.pk, turns=[memory.Turn(1, "lead", now(), "[PERSON] here", 1)], now=now())
    boss, _ = User.objects.get_or_create(username="boss", is_superuser=True, is_staff=True)
    logged = {
        "user_id": boss.pk,
        "action_flag": CHANGE,
        "content_type": ContentType.objects.get_for_model(Lead),
    }
    LogEntry.objects.create(object_id=str(lead.pk), object_repr=str(lead), change_message="x", **logged)
    LogEntry.objects.create(
        object_id="7", object_repr="seven", change_message=f"as {lead.external_id} said", **logged
    )
    return lead


def followed(lead: Lead) -> None:
    """Enrolled in a policy of one step."""
    document = {"steps": [{"after": "30m", "channel": "console", "body": "Still there?"}]}
    version = PolicyVersion.objects.filter(policy__name="nudge").first() or policies.create(
        name="nudge", document=document, author="ada", now=now()
    )
    Enrolment.objects.create(
        lead=lead, policy=version.policy, version=version, trigger="created", held_out=False, turns_heard=0,
        enrolled_at=now(),
    )  # fmt: skip
    FollowUp.objects.create(
        lead=lead, policy=version.policy, step=1, channel="console", planned_at=now(), due_at=now()
    )


def erased(*, reason: str = "asked by letter", **whom: str) -> Erased:
    """Erase by `lead`, `external_id`, `email` or `phone`."""
    [(name, value)] = whom.items()
    return erasing.erase(subject=Subject(Name(name), value), actor="officer", reason=reason, now=now())


def traces(*words: str) -> list[str]:
    """Tables in which one of the words stands anywhere, in any spelling of case."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(sql.SQL("SELECT {0}::text FROM {0}").format(sql.Identifier(table)))
            text = " ".join(row for (row,) in cursor.fetchall()).lower()
            found += [f"{word} in {table}" for word in words if word.lower() in text]
    return found
