"""What a version is worth on leads its cards have not learned from."""

import pytest

from modeling.given import read_given
from modeling.models import Prediction
from modeling.recent import of_version
from modeling.tests.cast import the
from modeling.tests.served import NOW, serve, serving, sloping, version_of

pytestmark = pytest.mark.django_db


def found_for(version):
    given = read_given(now=NOW).scores
    until = given.settled_until(NOW)
    return of_version(version, given=given.known_at(NOW, until=until), settled_until=until, now=NOW)


def test_a_version_is_judged_by_what_it_says_of_leads_that_matured_since_it_was_trained():
    before = serving(sloping()).version
    fresh = version_of(sloping(-0.5), days_ago=10)
    serve(100, by=before, matured=(25, 10.5))
    serve(80, by=before, matured=(9.5, 1), seed=4)

    found = the(found_for(fresh))

    assert len(found.scores) == 80
    said = sorted(Prediction.objects.filter(lead__matures_at__gt=fresh.trained_at).values_list("probability"))
    assert sorted(found.scores) != pytest.approx([p for (p,) in said])  # its own word, not what was served


def test_what_it_gave_counts_wherever_it_gave_a_score_in_time():
    version = version_of(sloping(), days_ago=2)
    serve(60, by=version, matured=(20, 5))
    assert len(the(found_for(version)).scores) == 60


def test_leads_it_learned_from_are_never_judged():
    before = serving(sloping()).version
    serve(60, by=before, matured=(20, 5))
    assert found_for(version_of(sloping(-0.5), days_ago=2)) is None


def test_a_card_that_was_kept_from_the_gates_leads_is_judged_by_them():
    before = serving(sloping()).version
    serve(600, by=before, matured=(28, 3))  # the gate judged by the newest 200
    refitted = version_of(sloping(-0.5), days_ago=2, judged=sloping(0.4))
    found = the(found_for(refitted))
    assert len(found.scores) == 180  # the surely held out
    assert min(found.scores) == pytest.approx(1 / (1 + 2.718281828 ** (1 + 5.5 * 0.4)))
