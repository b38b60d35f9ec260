"""Policies that did not take a lead in, as its page and the API tell."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import now

from followups import outside, plans
from followups.models import PolicyVersion
from followups.tests.sales import DAY, HOUR, NOON, arrived, caller, ended, policy, switch
from leads import services
from leads.models import OptOut

pytestmark = pytest.mark.django_db


def told(lead, at=NOON + HOUR) -> dict[str, str]:
    return {one.policy: one.reason for one in outside.of_lead(lead.pk, now=at)}


def test_each_policy_that_is_on_says_why_it_did_not_take_the_lead_in():
    policy("takes everybody"), policy("for mail", conditions={"sources": ["mail"]})
    policy("off", on=False)
    ada = arrived(source="web")
    [one] = outside.of_lead(ada.pk, now=NOON)
    assert (one.policy, one.version, one.reason) == ("for mail", 1, "conditions")
    assert one.sentence == "its source is web, not mail"


def test_one_that_is_held_out_is_in_the_policy():
    policy(hold_out=0.9)
    assert [told(arrived()) for _ in range(5)] == [{}] * 5


def test_what_happened_before_keeps_it_out():
    out, gone, cold = (
        arrived(at, contact={"email": f"{name}@example.org"})
        for name, at in (("out", NOON), ("gone", NOON), ("cold", NOON - 3 * DAY))
    )
    services.opt_out(lead=out, now=NOON)
    ended(gone)
    policy(now=NOON - 4 * DAY)
    assert told(cold) == {"nudge": "not_heard"}
    assert told(gone)["nudge"] == "ended"
    assert told(out)["nudge"] == "opted_out"


def test_a_person_that_opted_out_by_another_lead_did_so_for_this_one():
    ada = arrived()
    ada.refresh_from_db()
    assert ada.email_digest
    OptOut.objects.create(digest=ada.email_digest, at=NOON)
    policy()
    assert told(ada)["nudge"] == "opted_out"


def test_a_policy_that_was_switched_on_later_says_so():
    nudge = policy(on=False)
    ada = arrived()
    switch(nudge, on=True, now=NOON + HOUR)
    assert told(ada) == {"nudge": "switched_on_later"}


def test_one_that_cannot_be_read_says_so():
    policy()
    PolicyVersion.objects.update(document={"colour": "blue"})
    plans._read.clear()
    assert told(arrived()) == {"nudge": "unreadable"}


def test_a_lead_that_is_not_there_is_outside_of_nothing():
    policy()
    assert outside.of_lead(uuid4(), now=NOON) == []


def test_the_api_and_the_page_of_the_lead_tell_it(admin_client):
    policy("for mail", conditions={"sources": ["mail"]}, now=now())
    ada = arrived(now(), source="web")
    answer = caller("read").get(f"/v1/leads/{ada.pk}/followups").json()
    assert answer["not_enrolled"] == [
        {
            "policy": "for mail",
            "version": 1,
            "reason": "conditions",
            "sentence": "its source is web, not mail",
        }
    ]
    page = admin_client.get(reverse("admin:leads_lead_change", args=[ada.pk])).content.decode()
    assert "never enrolled because" in page
    assert "its source is web, not mail" in page
