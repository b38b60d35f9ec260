"""A sales desk: policies people wrote, leads that came in, answered, booked."""

from datetime import UTC, datetime, timedelta

from django.test import Client

from customerops import conversing, intake
from customerops.models import ApiKey
from followups import enrolling, policies
from followups.models import FollowUp, Policy
from followups.tests.cast import somebody
from leads import services
from leads.conversation import NewMessage
from leads.models import Lead
from leads.services import NewLead

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ADA = {"name": "Ada Quendahl", "email": "ada@example.org", "phone": "+49 731 1234567"}
BODY = 'Hi {{ first_name|default:"there" }}, still there?'


def step(after="30m", body=BODY, **fields) -> dict:
    """One message."""
    return {"after": after, "channel": "console", "subject": "", "body": body, "receiver": "", **fields}


def policy(name="nudge", *, after=("30m", "2h", "1d"), on=True, now=NOON, **document) -> Policy:
    """A policy of three steps, one a day for each lead; `document` says what else."""
    steps = document.pop("steps", [step(each) for each in after])
    document = {"caps": {"lead_per_day": 1}, **document, "steps": steps}
    version = policies.create(name=name, document=document, author="ada", now=now)
    if on:
        switch(version.policy, on=True, now=now)
    return version.policy


def switch(which: Policy | None, *, on: bool, now=NOON) -> None:
    """Throw it."""
    policies.throw_switch(policy=which, on=on, actor="ada", now=now)
    enrolling.known.forget()


def arrived(now=NOON, **lead) -> Lead:
    """A lead that came in, of a person of its own."""
    enrolling.known.forget()
    [answer] = intake.receive(leads=[NewLead(**{"contact": somebody(ADA), **lead})], now=now)
    enrolling.known.forget()
    return answer.lead


def wrote(lead: Lead, text="yes, call me", now=NOON + HOUR) -> None:
    """It answered."""
    conversing.converse(lead_id=lead.pk, messages=[NewMessage(text=text)], loaded=None, now=now)


def ended(lead: Lead, state="booked", now=NOON + HOUR) -> None:
    """So it did."""
    services.record_outcome(lead=lead, state=state, now=now)


def sent(lead: Lead, number=1, at=NOON + 30 * MINUTE) -> None:
    """A step that went out."""
    FollowUp.objects.filter(lead=lead, step=number).update(status="sent", sent_at=at, attempts=1)


def caller(*scopes: str) -> Client:
    """With a key."""
    key = ApiKey.objects.create_key(name="test", scopes=list(scopes))[1]
    return Client(headers={"x-api-key": key}, raise_request_exception=False)
