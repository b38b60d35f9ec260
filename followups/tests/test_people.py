"""One person under several leads: a policy follows up one of them at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from customerops import intake
from followups import enrolling, outside, policies, stopping
from followups.models import Enrolment, FollowUp, PolicyVersion
from followups.tests.sales import (
    ADA,
    DAY,
    HOUR,
    MINUTE,
    NOON,
    arrived,
    ended,
    policy,
    sent,
    step,
    wrote,
)
from leads.models import Lead
from leads.services import NewLead

pytestmark = pytest.mark.django_db
LATER = NOON + HOUR


def again(now=LATER, **told) -> Lead:
    """Ada comes in once more, in another spelling of her address."""
    return arrived(now, contact={"name": "A. Quendahl", "email": " Ada@Example.org"}, **told)


def enrolled() -> list[Lead]:
    return [one.lead for one in Enrolment.objects.order_by("pk").select_related("lead")]


def why(lead: Lead, at=LATER) -> list[str]:
    return [one.reason for one in outside.of_lead(lead.pk, now=at)]


def test_while_one_lead_is_followed_up_another_of_the_person_is_not():
    policy()
    first, second = arrived(), again()
    assert enrolled() == [first]
    assert not FollowUp.objects.filter(lead=second).exists()
    assert why(second) == ["same_person"]


def test_another_person_is():
    policy()
    both = [arrived(), arrived()]
    assert enrolled() == both


def test_leads_without_an_address_are_people_of_their_own():
    policy()
    assert (
        len({arrived(contact=contact).pk for contact in (None, None, {"name": "Ada"}, {"name": "Ada"})}) == 4
    )
    assert len(enrolled()) == 4


def test_another_policy_takes_the_person_in():
    policy("one", conditions={"sources": ["web"]}), policy("other", conditions={"sources": ["mail"]})
    arrived(source="web"), again(source="mail")
    assert len(enrolled()) == 2


@pytest.mark.parametrize(
    "ends",
    [
        lambda ada: FollowUp.objects.filter(lead=ada).update(status="sent", sent_at=NOON),
        lambda ada: FollowUp.objects.filter(lead=ada).update(status="failed"),
        lambda ada: FollowUp.objects.filter(lead=ada).update(status="in_doubt"),
        lambda ada: stopping.stop(lead=ada.pk, actor="ada", reason="", now=NOON),
        lambda ada: wrote(ada, now=NOON + MINUTE),
        lambda ada: ended(ada, now=NOON + MINUTE),
        lambda ada: Lead.objects.filter(pk=ada.pk).delete(),
    ],
    ids=["sent", "failed", "doubt", "stopped", "replied", "booked", "erased"],
)
def test_once_nothing_more_comes_the_person_is_taken_in_again(ends):
    policy()
    ends(arrived())
    second = again()
    assert enrolled()[-1] == second
    assert FollowUp.objects.filter(lead=second).count() == 3


@pytest.mark.parametrize(
    "goes_on",
    [
        lambda ada: sent(ada),
        lambda ada: FollowUp.objects.filter(lead=ada, step__gt=1).update(status="cancelled"),
        lambda ada: ended(ada, "qualified", now=NOON + MINUTE),
    ],
    ids=["one sent", "one left", "no ending"],
)
def test_while_a_step_is_to_come_it_is_not(goes_on):
    policy()
    ada = arrived()
    goes_on(ada)
    again()
    assert enrolled() == [ada]


def test_what_stops_a_lead_is_what_its_own_version_says():
    nudge = policy(stops={"reply": False, "outcome": False})
    ada = arrived()
    policies.revise(policy=nudge, document={"steps": [step()]}, author="ada", now=NOON)
    wrote(ada, now=NOON + MINUTE)
    ended(ada, now=NOON + MINUTE)
    again()
    assert enrolled() == [ada]


def test_a_version_that_cannot_be_read_keeps_no_lead_from_coming_in():
    nudge = policy()
    ada = arrived()
    first = policies.newest(nudge)
    policies.revise(policy=nudge, document={"steps": [step("45m")]}, author="ada", now=NOON)
    PolicyVersion.objects.filter(pk=first.pk).update(document=["of", {"stops": 7}])
    assert why(again()) == ["same_person"]
    wrote(ada, now=NOON + MINUTE)
    assert enrolled() == [ada]
    third = again(LATER + MINUTE)
    assert enrolled() == [ada, third]


def test_who_is_held_out_is_so_until_the_others_are_through(monkeypatch):
    nudge = policy(hold_out=0.5)
    drawn = iter([0.0, 0.9, 0.9])
    monkeypatch.setattr(enrolling, "drawn", lambda lead, policy: next(drawn))
    ada = arrived()
    assert Enrolment.objects.get().held_out
    assert why(again(NOON + DAY - MINUTE), NOON + DAY - MINUTE) == ["same_person"]
    third = again(NOON + DAY + MINUTE)
    assert enrolled() == [ada, third]
    assert nudge.followups.count() == 3


def test_of_leads_of_a_person_that_come_together_one_is_taken_in():
    policy()
    enrolling.known.forget()
    others = {"email": "ben@example.org"}
    intake.receive(leads=[NewLead(contact=contact) for contact in (ADA, others, ADA, ADA)], now=NOON)
    assert len(enrolled()) == 2
    assert FollowUp.objects.count() == 6


def test_its_next_message_takes_it_in_once_the_other_is_through():
    policy()
    first, second = arrived(), again()
    FollowUp.objects.filter(lead=first).update(status="sent", sent_at=LATER)
    assert why(second) == ["not_asked"]
    enrolling.known.forget()
    wrote(second, now=LATER + MINUTE)
    assert enrolled() == [first, second]


@pytest.mark.django_db(transaction=True)
def test_leads_of_a_person_that_come_at_once_are_seen_by_each_other():
    policy()
    at_once, rounds = 6, 8
    barrier = Barrier(at_once)

    def come(number: int) -> None:
        try:
            for which in range(rounds):
                barrier.wait(10)
                person = {"email": f"person-{which}@example.org"}
                intake.receive(leads=[NewLead(contact=person)], now=NOON + timedelta(seconds=number))
        finally:
            connection.close()

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(come, range(at_once)))
    assert Lead.objects.count() == at_once * rounds
    assert Enrolment.objects.count() == rounds
    assert FollowUp.objects.count() == 3 * rounds
