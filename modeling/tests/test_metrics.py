"""What a scrape finds."""

from datetime import datetime, timedelta
from math import isnan

import pytest

from modeling import registry, retraining
from modeling.measuring import measure
from modeling.metrics import ModelCollector
from modeling.models import DriftReport, LiveQuality, RetrainRun
from modeling.retreating import consider
from modeling.tests.cast import TRAINED_AT, archived, promoted
from modeling.watching import watch

pytestmark = pytest.mark.django_db


def measure_and_consider(*, now: datetime) -> None:
    """As the task does."""
    measure(now=now)
    consider(now=now)


def scraped() -> dict[str, float]:
    """The series by name and labels."""
    samples = [sample for metric in ModelCollector().collect() for sample in metric.samples]
    return {"/".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


def test_before_the_first_version_the_version_is_0_and_there_is_no_auc():
    found = scraped()
    assert (found["lead_model_version"], found["lead_model_n_train"]) == (0, 0)
    assert "lead_model_auc" not in found
    assert "lead_model_retrain_last_completed_timestamp_seconds" not in found


def test_it_shows_the_version_that_serves():
    promoted()
    found = scraped()
    assert found["lead_model_version"] == TRAINED_AT.timestamp()
    assert (found["lead_model_auc"], found["lead_model_n_train"]) == (0.78, 523)


def test_the_version_goes_back_on_a_rollback():
    first = promoted(base=0.1)
    promoted(base=0.2)
    registry.roll_back(actor="ada", reason="wrong")
    assert scraped()["lead_model_version"] == first.version_id


def test_an_auc_that_was_not_measured_is_absent_and_not_0():
    registry.force(version=archived(auc=None).version, actor="ada", reason="a first one")
    assert "lead_model_auc" not in scraped()


def test_a_version_is_shown_as_forced_also_when_somebody_goes_back_to_it():
    assert scraped()["lead_model_forced"] == 0
    promoted(base=0.1)
    assert scraped()["lead_model_forced"] == 0
    forced = archived(base=0.2).version
    registry.force(version=forced, actor="ada", reason="we need it")
    assert scraped()["lead_model_forced"] == 1
    promoted(base=0.3)
    assert scraped()["lead_model_forced"] == 0
    registry.roll_back(to=forced, actor="ada", reason="wrong")
    assert scraped()["lead_model_forced"] == 1


def test_a_version_that_was_forced_and_promoted_later_is_no_longer_forced():
    registry.force(version=archived(base=0.1).version, actor="ada", reason="we need it")
    promoted(base=0.1)
    assert scraped()["lead_model_forced"] == 0


def test_runs_are_counted_by_verdict_every_verdict_from_the_start():
    assert scraped()["lead_model_retrain_runs_total/hold"] == 0
    retraining.run(retraining.request(slot="a", trigger="ada").pk)
    RetrainRun.objects.create(slot="b", trigger="ada", status="failed")
    found = scraped()
    assert found["lead_model_retrain_runs_total/hold"] == 1
    assert found["lead_model_retrain_runs_total/failed"] == 1
    assert found["lead_model_retrain_runs_total/promote"] == 0


def test_a_run_that_ended_in_hold_counts_as_completed():
    run = retraining.run(retraining.request(slot="a", trigger="ada").pk)
    assert run is not None
    assert run.completed_at is not None
    last = scraped()["lead_model_retrain_last_completed_timestamp_seconds"]
    assert last == run.completed_at.timestamp()


def test_live_quality_and_drift_are_nan_before_anything_is_known_so_no_comparison_holds():
    for _ in ("nothing serves", "nothing was measured"):
        found = scraped()
        live = [found[f"lead_model_live_auc/{bound}"] for bound in ("point", "low", "high")]
        assert all(isnan(value) for value in [*live, found["lead_model_drift"]])
        assert (found["lead_model_live_matured"], found["lead_model_drift_leads"]) == (0, 0)
        promoted()


def test_live_quality_is_that_of_the_version_that_serves():
    before, champion = promoted(base=0.1).version, promoted(base=0.2).version
    live_quality(before, auc=0.9, auc_low=0.85, auc_high=0.95, leads=900)
    live_quality(champion, auc=0.6, auc_low=0.55, auc_high=0.65, leads=150)
    LiveQuality.objects.create(**figures(leads=70), version=champion, span="week")
    found = scraped()
    assert [found[f"lead_model_live_auc/{bound}"] for bound in ("low", "point", "high")] == [0.55, 0.6, 0.65]
    assert found["lead_model_live_matured"] == 150


MEASURED = {
    "lead_model_live_measured_timestamp_seconds": measure_and_consider,
    "lead_model_drift_measured_timestamp_seconds": watch,
}


@pytest.mark.parametrize("name", MEASURED)
def test_when_it_was_measured_is_absent_before_the_first_time_though_the_metric_is_there(name):
    assert name in {metric.name for metric in ModelCollector().collect()}
    assert name not in scraped()


@pytest.mark.parametrize(("name", "measured"), MEASURED.items())
def test_a_look_counts_as_measured_also_when_nothing_serves_and_when_no_lead_matured(name, measured):
    measured(now=TRAINED_AT)
    assert scraped()[name] == TRAINED_AT.timestamp()
    promoted()
    measured(now=TRAINED_AT + timedelta(days=1))
    assert scraped()[name] == (TRAINED_AT + timedelta(days=1)).timestamp()


def test_one_measurement_does_not_count_for_the_other():
    watch(now=TRAINED_AT)
    assert "lead_model_live_measured_timestamp_seconds" not in scraped()


def test_a_version_with_few_matured_leads_has_their_number_and_no_auc():
    live_quality(promoted().version, leads=12)
    found = scraped()
    assert found["lead_model_live_matured"] == 12
    assert isnan(found["lead_model_live_auc/high"])


def test_drift_is_that_of_the_newest_look_at_the_version_that_serves():
    before, champion = promoted(base=0.1).version, promoted(base=0.2).version
    for version, days, drift in ((champion, 0, 0.1), (champion, 1, 0.4), (before, 2, 0.9)):
        shifts = [{"feature": "visits", "excess": drift}, {"feature": "score", "excess": 0.0}]
        score = {"feature": "the score", "excess": drift / 2}
        at = TRAINED_AT + timedelta(days=days)
        DriftReport.objects.create(
            version=version,
            at=at,
            since=at,
            leads=210,
            drift=drift,
            largest="visits",
            shifts=shifts,
            score=score,
        )
    found = scraped()
    assert (found["lead_model_drift"], found["lead_model_drift_leads"]) == (0.4, 210)
    assert found["lead_model_feature_drift/visits"] == 0.4
    assert found["lead_model_feature_drift/score"] == 0.0  # a feature may be called that
    assert found["lead_model_score_drift"] == 0.2


def figures(**known):
    plain = {"converted": 5, "rate": 0.3, "mean_score": 0.3, "expected_auc": 0.7, "brier": 0.2,
             "log_loss": 0.6, "ece": 0.02, "measured_at": TRAINED_AT, "starts": TRAINED_AT.date(),
             "ends": TRAINED_AT.date()}  # fmt: skip
    return {**plain, **known}


def live_quality(version, **known):
    LiveQuality.objects.create(**figures(**known), version=version, span="recent")
