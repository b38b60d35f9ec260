"""Versions that only refreshed the one before them are of one family."""

import pytest

from modeling import registry
from modeling.family import best_so_far, of_champion
from modeling.models import RetrainRun
from modeling.tests.cast import the
from modeling.tests.served import NOW, serving, sloping, version_of

pytestmark = pytest.mark.django_db


def served(slope: float, *, gain: float, days_ago: float = 100) -> int:
    return serving(sloping(slope), gain=gain, days_ago=days_ago).version_id


def test_nothing_serves():
    assert of_champion() is None


def test_the_first_version_is_alone():
    first = served(0.1, gain=0.0)
    found = the(of_champion())
    assert (found.members, found.before) == ((first,), None)


def test_versions_that_are_as_good_and_fresher_are_kin_up_to_one_that_was_better():
    first = served(0.1, gain=0.0)
    better = served(0.2, gain=0.01)
    fresh, fresher = served(0.3, gain=-0.005), served(0.4, gain=0.0)
    found = the(of_champion())
    assert (found.members, found.before) == ((fresher, fresh, better), first)


def test_a_version_of_a_world_that_began_later_founds_a_family():
    first = served(0.1, gain=0.0)
    second = version_of(sloping(0.2), gain=-0.01)
    third = version_of(sloping(0.3), gain=-0.01)
    for version in (second, third):
        RetrainRun.objects.create(
            slot=str(version), trigger="drift", status="completed", version=version, since=NOW
        )
        newest = the(registry.champion())
        registry.promote(version=version.version, judged_against=newest.pk, actor="drift", reason="fresher")
    found = the(of_champion())
    assert (found.members, found.before) == ((third.version, second.version), first)


@pytest.mark.parametrize("kind", ["force", "rollback"])
def test_what_a_person_puts_in_place_is_alone(kind):
    first, second = served(0.1, gain=0.0), served(0.2, gain=-0.01)
    if kind == "force":
        forced = version_of(sloping(0.3), gain=-0.01).version
        registry.force(version=forced, actor="ada", reason="I want it")
        assert the(of_champion()).members == (forced,)
        assert the(of_champion()).before == second
    else:
        registry.roll_back(actor="ada", reason="better before")
        assert the(of_champion()).members == (first,)
        assert the(of_champion()).before is None


def test_a_family_goes_on_after_a_version_that_was_rolled_back_to():
    first, second = served(0.1, gain=0.0), served(0.2, gain=0.01)
    registry.roll_back(actor="ada", reason="better before")
    fresh = served(0.3, gain=-0.01)
    found = the(of_champion())
    assert found.members == (fresh, first)
    assert found.before == second


def judged(slope: float, *, best: int, beaten: bool) -> int:
    """It took over, and the gate told how it stood beside the best version before it."""
    return serving(sloping(slope), best={"version": best, "beaten": beaten}).version_id


def best() -> int:
    return best_so_far(the(registry.champion()))


def test_the_first_version_and_one_that_was_never_compared_are_the_best_so_far():
    assert served(0.1, gain=0.0) == best()


def test_the_best_so_far_stays_it_until_a_version_is_surely_better_than_that():
    first = served(0.1, gain=0.0)
    for slope in (0.2, 0.3):
        judged(slope, best=first, beaten=False)
        assert best() == first
    fourth = judged(0.4, best=first, beaten=True)
    assert best() == fourth


def test_what_a_person_forces_is_what_successors_are_held_against():
    second = judged(0.2, best=served(0.1, gain=0.0), beaten=False)
    registry.force(version=second, actor="ada", reason="I want it")
    assert best() == second


def test_after_a_rollback_the_best_is_what_it_was_then():
    first = served(0.1, gain=0.0)
    second = judged(0.2, best=first, beaten=False)
    judged(0.3, best=first, beaten=True)
    registry.roll_back(to=second, actor="ada", reason="wrong")
    assert best() == first
