"""A policy as one real lead would meet it: words without what is personal, times by its clock, why not."""

import pytest

from followups import enrolling, previewing
from followups.documents import read
from followups.models import Enrolment, FollowUp
from followups.tests.sales import ADA, DAY, HOUR, MINUTE, NOON, arrived, ended, policy, step
from leads import services
from leads.models import Lead

pytestmark = pytest.mark.django_db


def preview(lead: Lead, of=None, **document):
    """Of a policy that need not be stored."""
    plan = read({"steps": [step()], "caps": {"lead_per_day": 1}, **document})
    again = Lead.objects.with_state().get(pk=lead.pk)
    return previewing.preview(plan=plan, name="nudge", lead=again, policy=of, now=NOON)


def test_the_words_are_those_of_the_lead_without_what_is_personal():
    lead = arrived(attributes={"rooms": 2})
    body = 'Hi {{ name|default:"there" }}, {{ attributes.rooms|default:"some" }} rooms? Call +49 731 1234567'
    [found] = preview(lead, steps=[step(body=body, subject="{{ policy }}")]).steps
    assert found.body == "Hi [PERSON], 2 rooms? Call [PHONE]"
    assert found.subject == "nudge"


def test_the_times_are_those_of_the_dispatcher():
    lead = arrived(timezone="Asia/Tokyo")  # 21:00 there: quiet until 8
    found = preview(lead, steps=[step("30m"), step("2h"), step("1d")])
    assert [each.at and (each.at - NOON) for each in found.steps] == [11 * HOUR, None, 35 * HOUR]
    assert found.zone == "Asia/Tokyo"
    assert previewing.local(found.steps[0].at, found.zone).hour == 8


def test_a_step_that_another_one_pushes_off_says_why():
    [first, second] = preview(arrived(), steps=[step("30m"), step("2h")]).steps
    assert (first.at, first.why) == (NOON + 30 * MINUTE, "")
    assert (second.why, second.at > NOON + 12 * HOUR) == ("enough messages to this lead today", True)


def test_it_says_why_a_lead_would_not_enter():
    lead = arrived(source="fair")
    ended(lead)
    services.opt_out(lead=Lead.objects.get(), now=NOON)
    asks = {"sources": ["web", "mail"], "grades": ["A"], "score_from": 0.5}
    assert preview(lead, conditions=asks).unmet == (
        "its source is fair, not mail or web",
        "its grade is not known, not A",
        "its score is not known, not 0.5 to 1",
        "it opted out",
        "it ended: booked",
    )


def test_it_says_that_a_lead_is_enrolled_or_would_be_held_out():
    nudge = policy()
    lead = arrived()
    found = preview(lead, nudge, hold_out=0.9)
    assert found.unmet == ("it is enrolled already",)
    assert found.held_out == (enrolling.drawn(lead.pk, nudge.pk) < 0.9)
    assert not preview(lead, None, hold_out=0.9).held_out


def test_the_latest_lead_that_matches_is_chosen_else_the_latest():
    old = arrived(NOON - DAY, created_at=NOON - DAY, source="web")
    new = arrived(source="fair")
    assert previewing.latest(read({"steps": [step()], "conditions": {"sources": ["web"]}})) == old
    assert previewing.latest(read({"steps": [step()], "conditions": {"sources": ["mail"]}})) == new


def test_a_lead_is_found_by_either_id():
    lead = arrived(external_id="crm-1")
    assert previewing.found(str(lead.pk)) == previewing.found(" crm-1 ") == lead
    assert previewing.found("crm-2") is None


def test_nothing_is_stored():
    lead = arrived(contact=ADA)
    preview(lead)
    assert not Enrolment.objects.exists()
    assert not FollowUp.objects.exists()
