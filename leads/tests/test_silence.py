"""Silence past the horizon."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from leads import services, silence
from leads.models import Lead, Outcome
from leads.services import NewLead
from leads.tasks import ghost_silent_leads

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def newest_state() -> str:
    return str(Lead.objects.with_state().get().__dict__["state"])


def leads(*names: str, days: int = 40) -> list[Lead]:
    batch = [NewLead(external_id=name, created_at=NOW - timedelta(days=days)) for name in names]
    return [answer.lead for answer in services.create_leads(leads=batch, now=NOW)]


@pytest.mark.django_db
def test_ghost_records_a_matured_silent_lead_once():
    [ben] = leads("ben")
    assert silence.ghost(now=NOW) == 1
    assert silence.ghost(now=NOW) == 0
    outcome = Outcome.objects.get()
    assert (outcome.lead_id, outcome.state, outcome.source) == (ben.pk, "ghosted", "expiry")
    assert outcome.occurred_at == ben.matures_at


@pytest.mark.django_db
def test_ghost_leaves_leads_that_spoke_or_still_may():
    [ada] = leads("ada")
    leads("cleo", days=10)
    services.record_outcome(lead=ada, state="booked", now=NOW)
    assert silence.ghost(now=NOW) == 0


@pytest.mark.django_db
def test_ghost_works_in_batches(monkeypatch):
    monkeypatch.setattr(silence, "BATCH", 2)
    leads("a", "b", "c", "d", "e")
    assert silence.ghost(now=NOW) == 5


@pytest.mark.django_db(transaction=True)
def test_ghost_passes_over_a_lead_whose_outcome_is_being_written():
    [ada] = leads("ada")
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM leads_lead WHERE id = %s FOR NO KEY UPDATE", [ada.pk])
            cursor.execute(
                "INSERT INTO leads_outcome (lead_id, state, occurred_at, recorded_at, source, note)"
                " VALUES (%s, 'booked', %s, %s, 'api', '')",
                [ada.pk, NOW, NOW],
            )
        assert silence.ghost(now=NOW) == 0
        other.commit()
    finally:
        other.close()
    assert silence.ghost(now=NOW) == 0
    assert newest_state() == "booked"


@pytest.mark.django_db
def test_the_task_takes_arguments_of_a_newer_publisher():
    leads("ben", days=400)
    assert ghost_silent_leads(since="a version that does not exist yet") == 1
