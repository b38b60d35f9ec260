"""Automatic rollback: only from what is surely worse, once in a while, and never forward again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random
from types import SimpleNamespace

import pytest
from django.db import connection

from modeling import registry, retraining, tasks
from modeling.family import Family, of_champion
from modeling.models import Decision, Deployment, RetrainRun
from modeling.quality import Interval
from modeling.retreating import Comparison, compare, consider
from modeling.tests.cast import the
from modeling.tests.served import DAY, NOW, serve, serving, sloping, version_of

pytestmark = pytest.mark.django_db

GOOD, BAD = sloping(0.5), sloping(-0.4)
MUDDLED = sloping(0.5, order=(5, 0, 3, 8, 1, 6, 11, 4, 9, 2, 7, 10))


@pytest.fixture
def good():
    return serving(GOOD, days_ago=200).version


@pytest.fixture
def bad(good):
    """It took over forty days ago, and the world is as the good one says."""
    version = serving(BAD, days_ago=40).version
    serve(300, by=version, truth=GOOD)
    return version


def test_it_tells_when_there_is_nothing_to_compare():
    assert consider(now=NOW).reason == "No version serves."
    serving(GOOD)
    assert consider(now=NOW).reason == "No other version has served before this one."


@pytest.mark.usefixtures("bad")
def test_by_default_it_only_tells_what_it_would_have_done(good):
    decision = consider(now=NOW)
    assert (decision.acted, decision.deployment) == (False, None)
    assert f"version {good.version} one of" in decision.reason
    assert decision.reason.endswith("AUTO_ROLLBACK is off.")
    assert the(registry.champion()).version_id != good.version


def test_it_goes_back_and_keeps_the_evidence(good, bad, settings):
    settings.AUTO_ROLLBACK = True
    decision = consider(now=NOW)
    line = the(registry.champion())
    assert decision.acted
    assert decision.deployment == line
    assert (line.version, line.kind, line.actor) == (good, "auto_rollback", "automatic rollback")
    assert decision.version == bad
    kept = Decision.objects.get(pk=decision.pk).evidence
    assert (kept["leads"], kept["previous"]) == (300, good.version)
    assert kept["serving_auc"]["high"] < 0.5 < kept["previous_auc"]["low"]
    assert kept["difference"]["high"] < 0


def test_both_are_compared_on_leads_that_came_in_since_both_were_trained(good):
    fresh = serving(BAD, days_ago=20).version
    serve(150, by=good, matured=(28, 10.5))
    serve(120, by=good, matured=(9.5, 1), seed=4)
    found = the(compare(fresh, the(of_champion()), now=NOW))
    assert (found.previous, found.leads) == (good.version, 120)
    assert the(found.previous_auc).point > 0.6 > 0.4 > the(found.serving_auc).point


def test_a_few_leads_prove_nothing(good, settings):
    settings.AUTO_ROLLBACK = True
    bad = serving(BAD, days_ago=40).version
    serve(99, by=bad, truth=GOOD)
    decision = consider(now=NOW)
    assert not decision.acted
    assert "99 leads" in decision.reason
    assert "too few to compare" in decision.reason


def test_versions_that_only_refreshed_each_other_are_left_together(good, settings):
    settings.AUTO_ROLLBACK = True
    bad = serving(BAD, days_ago=60).version
    serve(200, by=bad, truth=GOOD, matured=(28, 1))
    serving(sloping(-0.41), days_ago=2, gain=-0.005)
    decision = consider(now=NOW)
    assert decision.acted
    assert decision.evidence["leads"] == 200
    assert the(registry.champion()).version == good


def test_a_family_with_nothing_before_it_is_compared_by_its_newest_alone(settings):
    settings.AUTO_ROLLBACK = True
    good = serving(GOOD, days_ago=100, gain=0.0).version
    bad = serving(BAD, days_ago=40, gain=-0.005).version
    serve(200, by=bad, truth=GOOD)
    assert consider(now=NOW).acted
    assert the(registry.champion()).version == good


@pytest.mark.parametrize("slope", [0.5, 0.45, 0.6])
def test_a_version_about_as_good_stays(good, settings, slope):
    settings.AUTO_ROLLBACK = True
    same = serving(sloping(slope, base=-1.01), days_ago=40).version
    serve(300, by=same, truth=GOOD)
    assert not consider(now=NOW).acted
    assert the(registry.champion()).version == same


def test_it_does_not_go_back_when_the_whole_world_has_turned(good, settings):
    """Both are wrong then: forgetting is what helps, not an older version."""
    settings.AUTO_ROLLBACK = True
    same = serving(sloping(0.45), days_ago=40).version
    serve(300, by=same, truth=sloping(-0.5))
    assert not consider(now=NOW).acted


def test_it_never_goes_forward_again(settings):
    settings.AUTO_ROLLBACK, settings.AUTO_ROLLBACK_COOLDOWN_DAYS = True, 1
    serving(MUDDLED, days_ago=300)
    good = serving(GOOD, days_ago=200).version
    bad = serving(BAD, days_ago=40).version
    serve(300, by=bad, truth=GOOD)
    assert consider(now=NOW).acted
    assert the(registry.champion()).version == good

    # now the world turns the way of the version that was left, and it stays left
    serve(600, by=good, truth=BAD, matured=(-1, -12), seed=7)
    settings.LIVE_QUALITY_DAYS = 5
    for days in (12, 13, 15, 30):
        consider(now=NOW + days * DAY)
    assert registry.abandoned() >= {bad.version}
    assert Deployment.objects.filter(version=bad).count() == 1


def test_a_second_rollback_waits_for_the_cooldown(good, settings):
    settings.AUTO_ROLLBACK, settings.AUTO_ROLLBACK_COOLDOWN_DAYS = True, 14
    middling = serving(MUDDLED, days_ago=60).version
    bad = serving(BAD, days_ago=40).version
    serve(1500, by=bad, truth=GOOD)
    assert consider(now=NOW).acted
    assert the(registry.champion()).version == middling
    waiting = consider(now=NOW + 13 * DAY)
    assert (waiting.acted, "is not long ago" in waiting.reason) == (False, True)
    assert consider(now=NOW + 15 * DAY).acted
    assert the(registry.champion()).version == good


def test_it_does_not_go_back_to_what_it_left_before(good, bad, settings):
    settings.AUTO_ROLLBACK, settings.AUTO_ROLLBACK_COOLDOWN_DAYS = True, 1
    assert consider(now=NOW).acted
    registry.force(version=bad.version, actor="ada", reason="to see it again")
    worse = serving(sloping(-1.5), days_ago=39).version
    serve(1500, by=worse, truth=sloping(0.5), seed=8)
    assert registry.previous_version() == bad.version
    decision = consider(now=NOW + 2 * DAY)
    assert not decision.acted
    assert the(registry.champion()).version == worse


def test_a_change_by_a_person_meanwhile_wins(good, bad, settings, monkeypatch):
    settings.AUTO_ROLLBACK = True
    third = version_of(sloping(0.2), days_ago=39)

    def compared_while_ada_forces(*arguments, **named):
        found = compare(*arguments, **named)
        registry.force(version=third.version, actor="ada", reason="I know better")
        return found

    monkeypatch.setattr("modeling.retreating.compare", compared_while_ada_forces)
    decision = consider(now=NOW)
    assert (decision.acted, "no longer serves" in decision.reason) == (False, True)
    assert the(registry.champion()).version == third


def test_the_very_scorecard_it_left_is_not_promoted_when_it_is_learned_again(
    good, bad, settings, monkeypatch
):
    settings.AUTO_ROLLBACK = True
    consider(now=NOW)
    lesson = SimpleNamespace(
        artifact=bytes(bad.artifact), sha256=bad.sha256, verdict="promote", reasons=["better"],
        comparison={}, report={},
    )  # fmt: skip
    monkeypatch.setattr("modeling.study.study", lambda **how: lesson)
    run = the(retraining.run(retraining.request(slot="a night", trigger="beat").pk))
    assert (run.status, run.verdict) == (RetrainRun.Status.COMPLETED, "hold")
    assert "this very scorecard was rolled back from" in run.reasons[0]
    assert the(registry.champion()).version == good
    registry.force(version=bad.version, actor="ada", reason="I want it")  # a person may
    assert the(registry.champion()).version == bad


def test_the_task_measures_and_goes_back(good, bad, settings, monkeypatch):
    settings.AUTO_ROLLBACK = True
    monkeypatch.setattr(tasks, "now", lambda: NOW)
    tasks.live_quality(colour="blue")
    assert the(registry.champion()).version == good
    assert bad.live_quality.filter(span="recent").get().auc_high < 0.5
    assert good.live_quality.filter(span="recent").get().auc_low > 0.6  # what serves again is told at once


@pytest.mark.parametrize("way", ["force", "roll_back"])
def test_what_a_person_put_in_place_is_a_persons_to_change(good, bad, settings, way):
    settings.AUTO_ROLLBACK, settings.AUTO_ROLLBACK_COOLDOWN_DAYS = True, 1
    assert consider(now=NOW).acted
    if way == "force":
        registry.force(version=bad.version, actor="ada", reason="it must stay")
    else:
        registry.roll_back(to=bad.version, actor="ada", reason="it must stay")
    decision = consider(now=NOW + 2 * DAY)
    assert (decision.acted, decision.evidence["previous"]) == (False, good.version)
    assert decision.reason.endswith("Nothing was done: a person put it in place.")
    assert the(registry.champion()).version == bad


def test_it_does_not_go_back_to_what_a_person_rolled_back_from(good, settings):
    settings.AUTO_ROLLBACK = True
    left = serving(sloping(0.45), days_ago=90).version
    registry.roll_back(to=good.version, actor="ada", reason="the partner complained")
    bad = serving(BAD, days_ago=40, gain=-0.005).version
    serve(300, by=bad, truth=GOOD)
    decision = consider(now=NOW)
    assert decision.evidence["previous"] == left.version
    assert (decision.acted, the(registry.champion()).version) == (False, bad)
    assert decision.reason.endswith(f"version {left.version} was itself rolled back from.")


def test_the_very_scorecard_a_person_left_is_not_promoted_when_it_is_learned_again(good, bad, monkeypatch):
    registry.roll_back(to=good.version, actor="ada", reason="the partner complained")
    lesson = SimpleNamespace(
        artifact=bytes(bad.artifact), sha256=bad.sha256, verdict="promote", reasons=["better"],
        comparison={}, report={},
    )  # fmt: skip
    monkeypatch.setattr("modeling.study.study", lambda **how: lesson)
    run = the(retraining.run(retraining.request(slot="a night", trigger="beat").pk))
    assert run.verdict == "hold"
    assert the(registry.champion()).version == good


@pytest.mark.django_db(transaction=True)
def test_of_four_that_consider_at_once_one_rolls_back(settings):
    settings.AUTO_ROLLBACK = True
    good = serving(GOOD, days_ago=200).version
    serve(300, by=serving(BAD, days_ago=40).version, truth=GOOD)

    def acted(_: int) -> bool:
        try:
            return consider(now=NOW).acted
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(acted, range(4))).count(True) == 1
    assert the(registry.champion()).version == good
    assert Deployment.objects.count() == 3
    assert Decision.objects.count() == 4


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_deployed_meanwhile_nothing_goes_back_and_forth(settings, monkeypatch, seed):
    """Every comparison says that what served before is surely better, every night."""
    settings.AUTO_ROLLBACK, settings.AUTO_ROLLBACK_COOLDOWN_DAYS = True, 1
    random, known = Random(seed), [serving(sloping(0.1), days_ago=100).version_id]
    low, high = Interval(0.6, 0.55, 0.65), Interval(0.8, 0.75, 0.85)

    def worse(version: object, kin: Family, *, now: datetime) -> Comparison | None:
        target = kin.before or registry.previous_version()
        return Comparison(target, 500, 100, low, high, low) if target else None

    monkeypatch.setattr("modeling.retreating.compare", worse)
    left_by_itself: set[int] = set()
    for night in range(40):
        what = random.choice(["promote", "force", "roll_back", "nothing", "nothing"])
        if what == "promote":
            gain = random.choice([0.01, -0.005])
            known.append(serving(sloping(0.2 + night / 50), days_ago=60 - night, gain=gain).version_id)
        elif what == "force":
            registry.force(version=random.choice(known), actor="ada", reason="I want it")
        elif what == "roll_back":
            registry.roll_back(to=random.choice(known), actor="ada", reason="wrong")
        before = the(registry.champion())
        if consider(now=NOW + night * DAY).acted:
            assert before.kind not in ("force", "rollback")
            left_by_itself.add(before.version_id)
            assert the(registry.champion()).version_id not in left_by_itself
    assert left_by_itself
