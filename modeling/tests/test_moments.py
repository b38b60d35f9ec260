"""Leads as scores saw them while they were open."""

from datetime import timedelta

import pytest

from leads.models import Outcome
from modeling import moments
from modeling.models import Prediction
from modeling.tests.served import DAY, NOW, report, serve, sloping, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return version_of(sloping())


def visits(found) -> list[float]:
    return sorted(found.columns["visits"].numbers.tolist()) if len(found) else []


def again(lead, days, **seen):
    at = lead.created_at + days * DAY
    version = Prediction.objects.filter(lead=lead).values_list("version", flat=True)[0]
    Prediction.objects.create(lead=lead, version_id=version, features=seen, probability=0.5, at=at)


def test_a_lead_that_was_never_scored_while_it_was_open_is_left_out(version):
    late, ended, never, kept = serve(4, by=version)
    Prediction.objects.filter(lead=late).update(at=late.matures_at)
    Prediction.objects.filter(lead=ended).update(at=ended.created_at + 3 * DAY)
    Prediction.objects.filter(lead=never).delete()
    found = moments.matured(after=NOW - 60 * DAY, now=NOW)
    assert [bytes(key) for key in found.ids] == [kept.id.bytes]


def test_what_was_seen_after_the_ending_is_never_drawn(version):
    for lead in serve(30, by=version, visits=range(3, 4)):
        again(lead, 3.5, visits=9)
    assert set(visits(moments.matured(after=NOW - 60 * DAY, now=NOW))) == {3.0}


def test_the_newest_came_in_since_and_need_no_ending(version):
    serve(20, by=version, matured=(5, -9))
    found = moments.newest(since=NOW - 7 * DAY, now=NOW)
    assert 0 < len(found) < 20
    assert found.created_at.min() > (NOW - 7 * DAY).replace(tzinfo=None)


def test_matured_leads_can_be_seen_as_young_as_new_ones(version):
    """New leads are of all ages up to the window: what old ones told later has to be forgotten as well."""
    leads = serve(200, by=version, matured=(90, 50), visits=range(1, 2))
    Outcome.objects.all().delete()
    for lead in leads:
        again(lead, 5, visits=7)
    at_any_age = visits(moments.matured(after=NOW - 200 * DAY, now=NOW)).count(7.0)
    as_young = visits(
        moments.as_young(
            matured_after=moments.EVER, matured_by=NOW - 40 * DAY, age=timedelta(days=10), now=NOW
        )
    ).count(7.0)  # fmt: skip
    assert 70 < at_any_age < 130
    assert 25 < as_young < 75  # half of the leads are younger than five days then


def test_spam_is_left_out(version):
    leads = serve(3, by=version)
    report(leads[0], "spam", at=NOW - DAY)
    assert len(moments.matured(after=NOW - 60 * DAY, now=NOW)) == 2


def test_a_moment_stays_drawn(version):
    for lead in serve(40, by=version, visits=range(1, 2)):
        again(lead, 1, visits=2)
    drawn = [moments.matured(after=NOW - 60 * DAY, now=NOW).columns["visits"].numbers for _ in range(2)]
    assert drawn[0].tolist() == drawn[1].tolist()
    assert 8 < drawn[0].tolist().count(2.0) < 32
