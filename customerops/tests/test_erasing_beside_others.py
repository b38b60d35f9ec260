"""Erasures beside everything else that happens at the same moment."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.utils.timezone import now

from customerops import erasing, holding, intake
from customerops.tests.cast import client, post
from customerops.tests.people import ADA, BEN, arrived, erased
from leads import services
from leads.models import Lead, Message, Outcome
from leads.people import Subject
from leads.services import NewLead
from modeling.models import Prediction
from privacy import holds, memory, tombstones
from privacy.models import Erasure, Tombstone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each answers or raises, started at one moment in threads of their own."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def waits() -> bool:
    """Whether anybody waits for a lock of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_two_erasures_at_once_make_one_receipt():
    arrived("ada-1"), arrived("ada-2")
    answers = together(*[lambda: erased(email=ADA["email"])] * 4)
    assert sum(isinstance(answer, erasing.Erased) for answer in answers) == 1
    assert sum(isinstance(answer, erasing.ErasedBefore) for answer in answers) == 3
    assert Erasure.objects.count() == 1


def test_a_lead_that_comes_in_while_its_person_is_erased_is_refused(monkeypatch):
    """It waits for the erasure's end, and then sees the tombstone."""
    arrived("ada-1")
    erasing_now, raise_stones = Event(), tombstones.raise_stones

    def raised_late(*args: Any, **values: Any) -> Any:
        erasing_now.set()  # the lead's row is gone, its tombstone is not there yet
        while not waits():
            time.sleep(0.01)
        return raise_stones(*args, **values)

    def late() -> intake.Answer:
        erasing_now.wait(10)
        return intake.receive(leads=[NewLead(external_id="ada-1")], now=now())[0]

    monkeypatch.setattr(tombstones, "raise_stones", raised_late)
    _, answer = together(lambda: erased(external_id="ada-1"), late)
    assert answer.erased
    assert not Lead.objects.exists()


@pytest.mark.parametrize("round_", range(5))
def test_what_arrives_for_a_lead_meanwhile_fails_politely(round_):
    lead, other = arrived("ada-1"), arrived("ben-1", BEN)
    callers = [client("read", "write") for _ in range(5)]

    def book(caller: Any) -> int:
        return post(caller, f"/v1/leads/{lead.pk}/outcome", {"state": "booked"}).status_code

    def score(caller: Any) -> int:
        return caller.post(f"/v1/leads/{lead.pk}/score").status_code

    def repeat(caller: Any) -> int:
        return post(caller, "/v1/leads", {"external_id": "ada-1"}).status_code

    def say(caller: Any) -> int:
        return post(caller, f"/v1/leads/{lead.pk}/messages", {"text": "a double room, please"}).status_code

    def repeat_and_say(caller: Any) -> int:
        said = {"external_id": "ada-1", "messages": [{"text": "a double room, please"}]}
        return post(caller, "/v1/leads", said).status_code

    doors = (book, score, repeat, say, repeat_and_say)
    works = [partial(work, caller) for work, caller in zip(doors, callers, strict=True)]
    done, *answers = together(lambda: erased(lead=str(lead.pk)), *works)
    assert isinstance(done, erasing.Erased), done
    assert set(answers) <= {200, 201, 404, 409, 410}, answers
    assert [lead.pk for lead in Lead.objects.all()] == [other.pk]
    assert not Outcome.objects.exists()
    assert not Message.objects.exists()
    assert memory.read(lead=lead.pk, now=now()) == []
    assert Prediction.objects.filter(lead=other).count() == Prediction.objects.count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_a_hold_and_an_erasure_at_once_never_both_succeed(round_):
    lead = arrived("ada-1")
    subject = Subject.lead(lead.pk)
    hold, done = together(
        lambda: holding.place(subject=subject, reason="a claim", actor="counsel", now=now()),
        lambda: erased(external_id="ada-1"),
    )
    if isinstance(done, erasing.Erased):
        assert isinstance(hold, holds.HoldError)
        assert not Lead.objects.exists()
    else:
        assert isinstance(done, holds.HeldError)
        assert (hold, Lead.objects.get()) == ([lead.pk], lead)


def test_people_come_in_while_others_are_erased():
    for number in range(10):
        arrived(f"old-{number}", {"email": f"{number}@example.org"})

    def erase_all() -> int:
        return sum(erased(external_id=f"old-{number}").receipt.leads for number in range(10))

    def receive_all() -> int:
        leads = [[NewLead(external_id=f"new-{number}", contact=BEN)] for number in range(30)]
        return sum(intake.receive(leads=one, now=now())[0].new for one in leads)

    assert together(erase_all, receive_all) == [10, 30]
    assert Lead.objects.count() == 30
    assert Tombstone.objects.filter(name="email").count() == 10


def test_whoever_writes_for_a_lead_that_is_gone_is_told():
    lead = arrived("ada-1")
    erased(lead=str(lead.pk))
    with pytest.raises(Lead.DoesNotExist):
        services.record_outcome(lead=lead, state="booked", now=now())
    with pytest.raises(IntegrityError):
        Outcome.objects.create(lead=lead, state="booked")
    assert Lead.objects.filter(created_at__lt=now() - timedelta(days=1)).count() == 0
