"""How long people are kept: what is due goes, what is open, held or still moving stays."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from leads import retention, tasks
from leads.models import Lead, Message, Outcome
from privacy import holds
from privacy.models import Forgetting, LegalHold, RetentionRun

pytestmark = pytest.mark.django_db

NOW = now()


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def lead(days: float, *, ended: float | None = None, **values: Any) -> Lead:
    """One that matured so many days ago, and ended then, or when it is said."""
    values = {"contact": {"email": "ada@example.org"}, "email_digest": UUID(int=7)} | values
    row = Lead.objects.create(created_at=ago(days + 10), matures_at=ago(days), **values)
    Lead.objects.filter(pk=row.pk).update(recorded_at=ago(days + 10))
    Outcome.objects.create(lead=row, state="booked", recorded_at=ago(days if ended is None else ended))
    return row


def said(to: Lead, days: float, position: int = 1) -> Message:
    at = {"sent_at": ago(days), "received_at": ago(days)}
    return Message.objects.create(lead=to, position=position, role="lead", text="x", detector_version=1, **at)


@pytest.fixture(autouse=True)
def _periods(settings):
    settings.RETENTION_MESSAGE_DAYS = 10
    settings.RETENTION_CONTACT_DAYS = 20
    settings.RETENTION_LEAD_DAYS = 30


def remaining() -> set[Lead]:
    return set(Lead.objects.defer("contact"))


def test_each_thing_goes_in_its_time():
    young, middle, old = lead(5), lead(25), lead(35)
    said(young, 5, 2), said(young, 15)
    found = retention.apply(now=NOW)
    assert (found.messages, found.contacts, found.leads) == (1, 2, 1)
    assert remaining() == {young, middle}
    middle.refresh_from_db()
    young.refresh_from_db()
    assert (middle.contact, middle.email_digest) == (None, None)
    assert young.contact == {"email": "ada@example.org"}
    assert Message.objects.get().position == 2
    assert not Outcome.objects.filter(lead_id=old.pk).exists()


def test_a_second_run_finds_nothing():
    lead(25), lead(35)
    retention.apply(now=NOW)
    again = retention.apply(now=NOW)
    assert (again.messages, again.contacts, again.leads) == (0, 0, 0)


def test_the_clock_starts_with_the_last_thing_that_happened():
    kept = [lead(100, ended=5), lead(100), lead(100)]
    said(kept[1], 5)
    Lead.objects.filter(pk=kept[2].pk).update(recorded_at=ago(5))  # imported history
    retention.apply(now=NOW)
    assert remaining() == set(kept)
    assert not Lead.objects.filter(contact=None).exists()


def test_what_is_open_or_immature_stays():
    open_ = Lead.objects.create(created_at=ago(110), matures_at=ago(100), contact={"name": "Ada"})
    Lead.objects.filter(pk=open_.pk).update(recorded_at=ago(110))
    immature = Lead.objects.create(created_at=ago(100), matures_at=ago(-1))
    assert retention.apply(now=NOW).leads == 0
    assert remaining() == {open_, immature}
    assert Lead.objects.get(pk=open_.pk).contact == {"name": "Ada"}


def test_zero_keeps_for_ever(settings):
    settings.RETENTION_MESSAGE_DAYS = settings.RETENTION_CONTACT_DAYS = settings.RETENTION_LEAD_DAYS = 0
    said(lead(10_000), 10_000)
    found = retention.apply(now=NOW)
    assert (found.messages, found.contacts, found.leads) == (0, 0, 0)


def test_a_legal_hold_keeps_everything_and_is_counted_once():
    held = lead(35)
    said(held, 35)
    holds.place(leads=lambda: [held.pk], reason="a claim", actor="counsel", now=NOW)
    found = retention.apply(now=NOW)
    assert (found.messages, found.contacts, found.leads, found.held) == (0, 0, 0, {held.pk})
    assert RetentionRun.objects.get().held == 1
    holds.lift(leads=[held.pk], actor="counsel", now=NOW)
    assert retention.apply(now=NOW).leads == 1
    assert LegalHold.objects.get().lead_id is None


def test_batches_go_past_what_is_held(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    rows = [lead(40 - number) for number in range(7)]
    for row in rows[:3]:
        holds.place(leads=[row.pk].copy, reason="a claim", actor="counsel", now=NOW)
        said(row, 35)
    for number in range(3):
        said(rows[6], 20 + number, number + 1)
    found = retention.apply(now=NOW)
    assert (found.messages, found.leads, len(found.held)) == (3, 4, 3)
    assert remaining() == set(rows[:3])


def test_a_run_leaves_a_report():
    lead(35)
    assert tasks.apply_retention() == 1
    run = RetentionRun.objects.get()
    assert (run.contacts, run.leads, run.periods["leads"]) == (1, 1, 30)
    assert run.finished_at
    assert not Forgetting.objects.exists()


def test_a_dry_run_tells_the_same_and_removes_nothing():
    lead(25), lead(35)
    told = call_command("apply_retention", "--dry-run")
    assert told == "0 messages, 2 contacts and 1 leads removed.\nDry run: nothing was removed."
    assert Lead.objects.exclude(contact=None).count() == 2
    assert not RetentionRun.objects.exists()
    assert call_command("apply_retention") == "0 messages, 2 contacts and 1 leads removed."


def test_it_is_known_until_when_a_lead_is_kept():
    ended = lead(5)
    said(ended, 8)
    ended.refresh_from_db()
    until = retention.kept_until(lead=ended)
    assert until == {"messages": ago(-2), "contacts": ago(-15), "leads": ago(-25)}
    assert set(retention.kept_until(lead=Lead.objects.create()).values()) == {None}
