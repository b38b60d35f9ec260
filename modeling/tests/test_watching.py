"""The nightly look at new leads, and the training run it may ask for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from modeling import retraining, tasks
from modeling.features import Bins, FeatureSpec
from modeling.measuring import measure
from modeling.models import Decision, DriftReport, Prediction, RetrainRun
from modeling.scorecard import Card, Term
from modeling.tests.cast import the
from modeling.tests.served import DAY, NOW, VISITS, serve, serving, sloping
from modeling.watching import watch

pytestmark = pytest.mark.django_db

NEW = (3, -9)  # days before NOW at which leads mature that came in during the last two weeks
LATE = range(VISITS // 2, VISITS)


@pytest.fixture
def champion():
    """It learned from leads that were scored while they were open."""
    version = serving(sloping(), days_ago=40).version
    serve(300, by=version, matured=(120, 41))
    return version


@pytest.fixture
def drifted(champion):
    serve(200, by=champion, matured=NEW, visits=LATE, seed=4)


def test_it_says_so_when_nothing_serves():
    found = watch(now=NOW)
    assert (found.report, found.decision.acted) == (None, False)
    assert Decision.objects.get().reason == "No version serves."


def test_new_leads_like_the_old_ones_are_no_news(champion):
    serve(200, by=champion, matured=NEW, seed=4)
    found = watch(now=NOW)
    report = the(found.report)
    assert (report.leads, report.drift, report.largest) == (200, 0.0, "")
    assert [shift["feature"] for shift in report.shifts] == ["visits"]
    assert report.score["excess"] == 0.0
    assert found.decision.reason.startswith("Nothing to learn anew: no feature is beyond noise")
    assert not found.decision.acted


def test_it_names_the_feature_and_the_segments_that_moved(drifted):
    report = the(watch(now=NOW).report)
    assert report.largest in {"visits", "the score"}
    assert the(report.drift) > 0.25
    assert report.score["excess"] > 0.25
    visits = report.shifts[0]
    assert (visits["leads"], visits["reference"]) == (200, 1200)
    gone = {one["name"]: (one["before"], one["now"]) for one in visits["segments"]}
    assert gone["between 2 and 3"] == (pytest.approx(1 / 6), 0.0)


def test_too_few_new_leads_are_no_verdict(champion):
    serve(99, by=champion, matured=NEW, visits=LATE)
    found = watch(now=NOW)
    report = the(found.report)
    assert (report.leads, report.drift, report.shifts) == (99, None, [])
    assert "99 scored leads are too few" in found.decision.reason


def test_scores_need_leads_that_were_scored_before_the_version_learned_from_them():
    version = serving(sloping(), days_ago=40).version
    serve(200, by=version, matured=NEW)
    report = the(watch(now=NOW).report)
    assert report.drift == 0.0  # what is known at arrival is compared with the card's own counts
    assert report.score is None
    assert "nothing to be compared with yet" in report.remark


@pytest.mark.usefixtures("drifted")
def test_drift_alone_does_nothing_unless_it_is_asked_to():
    decision = watch(now=NOW).decision
    assert (decision.acted, decision.run) == (False, None)
    assert "has moved" in decision.reason
    assert "above noise, 0.25 is enough." in decision.reason
    assert decision.reason.endswith("DRIFT_RETRAIN is off.")
    assert not RetrainRun.objects.exists()


@pytest.mark.usefixtures("drifted")
def test_drift_asks_for_a_run_in_the_slot_of_all_runs(settings):
    settings.DRIFT_RETRAIN = True
    decision = watch(now=NOW).decision
    assert decision.acted
    run = RetrainRun.objects.get()
    assert (decision.run, run.trigger, run.since) == (run, "drift", None)
    assert run.slot == f"drift:{NOW.isoformat(timespec='seconds')}"
    assert retraining.request_by(person="ada", now=NOW) == run  # while it is open it is everybody's


@pytest.mark.usefixtures("drifted")
def test_it_asks_once_in_a_cooldown(settings):
    settings.DRIFT_RETRAIN, settings.DRIFT_RETRAIN_COOLDOWN_DAYS = True, 3
    asked = [watch(now=NOW).decision.acted]
    RetrainRun.objects.update(status="completed")
    asked += [watch(now=NOW + days * DAY).decision.acted for days in (1, 2.9, 3.1)]
    assert asked == [True, False, False, True]
    assert [row.reason for row in Decision.objects.all() if "not long ago" in row.reason] != []


@pytest.mark.usefixtures("drifted")
def test_it_asks_for_nothing_while_a_run_is_open(settings):
    settings.DRIFT_RETRAIN = True
    retraining.request_by(person="ada", now=NOW)
    decision = watch(now=NOW).decision
    assert not decision.acted
    assert "a training run is open already" in decision.reason


def test_a_smaller_move_than_the_setting_asks_for_nothing(drifted, settings):
    settings.DRIFT_RETRAIN, settings.DRIFT_PSI = True, 9.0
    assert not watch(now=NOW).decision.acted


def test_a_broken_promise_asks_for_a_run_that_forgets_the_world_before(champion, settings):
    settings.DRIFT_RETRAIN = True
    upside_down = sloping(-0.5, base=-1.0)
    serve(200, by=champion, matured=(39, 21.3), seed=5)  # until Sunday, February 8th
    serve(200, by=champion, matured=(21.1, 0.5), truth=upside_down, seed=6)
    measure(now=NOW)

    decision = watch(now=NOW).decision

    assert decision.acted
    assert decision.run.since == datetime(2026, 2, 9, tzinfo=UTC)
    assert "live AUC" in decision.reason
    assert decision.reason.endswith("from leads alone that matured since 2026-02-09.")
    assert decision.evidence["live"]["auc_high"] < 0.65 < decision.evidence["live"]["at_least"]


def test_live_quality_as_promised_asks_for_nothing(champion, settings):
    settings.DRIFT_RETRAIN = True
    serve(400, by=champion, matured=(39, 0.5), seed=5)
    measure(now=NOW)
    assert not watch(now=NOW).decision.acted


@pytest.mark.usefixtures("drifted")
def test_the_task_hands_over_what_was_asked_for(settings, monkeypatch):
    settings.DRIFT_RETRAIN = True
    handed: list[RetrainRun] = []
    monkeypatch.setattr(tasks, "hand_over", handed.append)
    monkeypatch.setattr(tasks, "now", lambda: NOW)
    tasks.drift(colour="blue")
    assert handed == [RetrainRun.objects.get()]
    monkeypatch.setattr(tasks, "now", lambda: NOW + DAY)
    tasks.drift()
    assert len(handed) == 1
    assert DriftReport.objects.count() == 2


def test_new_leads_are_those_of_the_last_days(champion, settings):
    settings.DRIFT_DAYS = 3
    serve(150, by=champion, matured=NEW, visits=LATE)
    report = the(watch(now=NOW).report)
    assert report.since == NOW - timedelta(days=3)
    assert 0 < report.leads < 60


def words(name: str, *names: str | None, support: tuple[int, ...]) -> Term:
    bins = Bins(FeatureSpec(name, name), categories=names)
    return Term(bins=bins, table=(0.0,) * bins.size, support=support, integer=False)


def looked(card: Card, *, now_said: Callable[[dict], dict] = dict) -> DriftReport:
    """The report on a version after its leads began to say something else."""
    version = serving(card, days_ago=40).version
    serve(300, by=version, matured=(120, 41))
    serve(200, by=version, matured=NEW, seed=4)
    for row in Prediction.objects.filter(at__gt=NOW - 14 * DAY):
        row.features = now_said(dict(row.features))
        row.save()
    return the(watch(now=NOW).report)


def with_kind(*names: str | None, support: tuple[int, ...]) -> Card:
    return replace(sloping(), terms=(*sloping().terms, words("kind", *names, support=support)))


def shares(report: DriftReport, feature: str) -> dict[str, tuple[float, float]]:
    [shift] = [shift for shift in report.shifts if shift["feature"] == feature]
    return {one["name"]: (round(one["before"], 2), round(one["now"], 2)) for one in shift["segments"]}


def test_a_feature_that_vanished_is_named_as_missing():
    report = looked(sloping(), now_said=lambda features: {})
    assert report.largest == "visits"
    assert shares(report, "visits")["missing"] == (0.0, 1.0)


def test_a_feature_that_became_words_is_named_as_missing():
    report = looked(sloping(), now_said=lambda features: features | {"visits": "seven"})
    assert shares(report, "visits")["missing"] == (0.0, 1.0)


def test_a_constant_feature_has_not_moved_until_it_says_something_else():
    constant = with_kind("x", support=(0, 1200))
    assert looked(constant, now_said=lambda features: features | {"kind": "x"}).drift == 0.0


@pytest.mark.parametrize(
    ("card", "segment"),
    [
        (with_kind("x", support=(0, 1200)), "missing or never seen"),
        (with_kind("x", "y", None, support=(0, 600, 590, 10)), "others, rare or new"),
    ],
)
def test_a_name_nobody_had_is_seen_whatever_the_version_knows_of_others(card, segment):
    report = looked(card, now_said=lambda features: features | {"kind": "brand new"})
    assert report.largest == "kind"
    assert shares(report, "kind")[segment][1] == 1.0
    assert "brand new" not in str(report.shifts)


def test_a_version_without_counts_is_not_said_to_be_without_drift():
    """As one that was registered from a file another program wrote."""
    [term] = sloping().terms
    report = looked(replace(sloping(), terms=(replace(term, support=(0,) * len(term.support)),)))
    assert report.shifts == []
    assert "Not compared" in report.remark
    assert report.remark.endswith("visits.")
    reason = Decision.objects.get().reason
    assert "no feature is beyond noise" not in reason
    assert reason.endswith(report.remark)


def test_a_version_that_asks_nothing_of_a_lead_is_looked_at_all_the_same():
    report = looked(replace(sloping(), terms=()))
    assert (report.shifts, report.drift) == ([], 0.0)


def test_a_version_older_than_all_leads_is_compared_by_its_counts():
    version = serving(sloping(), days_ago=4000).version
    serve(200, by=version, matured=NEW, seed=4)
    report = the(watch(now=NOW).report)
    assert (report.drift, len(report.shifts)) == (0.0, 1)


@pytest.mark.usefixtures("drifted")
def test_a_run_that_somebody_asked_for_meanwhile_is_theirs(settings, monkeypatch):
    settings.DRIFT_RETRAIN = True
    theirs = retraining.request_by(person="ada", now=NOW)
    monkeypatch.setattr("modeling.watching._obstacle", lambda now: None)
    decision = watch(now=NOW).decision
    assert (decision.acted, decision.run) == (False, None)
    assert decision.reason.endswith("a training run is open already.")
    assert RetrainRun.objects.get() == theirs


@pytest.mark.django_db(transaction=True)
def test_of_four_that_look_at_once_one_asks_for_a_run(settings):
    settings.DRIFT_RETRAIN = True
    version = serving(sloping(), days_ago=40).version
    serve(300, by=version, matured=(120, 41))
    serve(200, by=version, matured=NEW, visits=LATE, seed=4)

    def asked(_: int) -> bool:
        try:
            return watch(now=NOW).decision.acted
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(asked, range(4))).count(True) == 1
    assert RetrainRun.objects.get().trigger == "drift"
    told = [row.reason for row in Decision.objects.filter(acted=False)]
    assert len([reason for reason in told if "a training run is open already" in reason]) == 3
