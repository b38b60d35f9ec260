"""What a scrape finds."""

import pytest

from modeling import registry, retraining
from modeling.metrics import ModelCollector
from modeling.models import RetrainRun
from modeling.tests.cast import TRAINED_AT, archived, promoted

pytestmark = pytest.mark.django_db


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
