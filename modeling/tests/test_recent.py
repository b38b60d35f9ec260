"""What the serving version is worth, by scores that were forecasts when they were given."""

import numpy as np
import pytest

from modeling.given import read_given
from modeling.models import Prediction
from modeling.recent import in_force, newest_matured
from modeling.tests.served import DAY, NOW, serve, serving, sloping, version_of

pytestmark = pytest.mark.django_db


def told(version, *kin):
    """The scores that tell what a version is worth, and their leads."""
    given = read_given(now=NOW).scores
    until = given.settled_until(NOW)
    pool = newest_matured(given=given.known_at(NOW, until=until), settled_until=until, now=NOW)
    return in_force(pool, version, (version.version, *(one.version for one in kin)))


def said(**where) -> list[float]:
    return sorted(Prediction.objects.filter(**where).values_list("probability", flat=True))


@pytest.fixture
def before():
    """It served all the time."""
    return serving(sloping(), days_ago=200).version


def test_of_moments_after_it_was_trained_a_version_is_asked_itself(before):
    fresh = version_of(sloping(-0.5), days_ago=20)
    serve(80, by=before, matured=(25, 10.5))  # they came in before it was trained
    serve(60, by=before, matured=(9.5, 1), seed=4)
    pool, scores = told(fresh)
    assert len(scores) == len(pool.leads) == 60
    given = said(at__gt=fresh.trained_at)
    assert np.sort(scores) != pytest.approx(given)
    pool, scores = told(before)
    assert np.sort(scores) == pytest.approx(said())


def test_leads_that_came_in_earlier_do_not_tell_even_if_they_matured_later(before):
    """Others that came in with them had ended when it learned."""
    fresh = version_of(sloping(-0.5), days_ago=5)
    serve(60, by=before, matured=(4, 1))
    assert len(told(fresh)[1]) == 0


def test_what_its_family_said_then_stands_for_what_it_could_not_say(before):
    fresh = version_of(sloping(-0.5), days_ago=5)
    serve(60, by=before, matured=(4, 1))
    _, scores = told(fresh, before)
    assert np.sort(scores) == pytest.approx(said())


def test_a_lead_stands_for_one_of_its_moments(before):
    leads = serve(64, by=before, matured=(20, 1))
    for lead in leads:
        Prediction.objects.create(
            lead=lead, version=before, features={"visits": 20}, probability=0.99, at=lead.created_at + DAY
        )
    pool, scores = told(before)
    assert len(set(pool.leads.ids.tolist())) == len(scores) == 64
    late = pool.at > pool.leads.created_at
    assert 15 < late.sum() < 45
    assert pool.said[late] == pytest.approx(0.99)
    assert (pool.leads.columns["visits"].numbers == 20).tolist() == late.tolist()


def test_moments_when_nothing_served_are_not_drawn(before):
    for lead in serve(60, by=before, matured=(20, 1)):
        Prediction.objects.create(lead=lead, features={"visits": 99}, at=lead.created_at + DAY)
    pool, _ = told(before)
    assert pool.leads.columns["visits"].numbers.max() < 99
