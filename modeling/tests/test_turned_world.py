"""The story of a world that turns upside down: seen by its endings, learned anew, and not dug out again."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from modeling import registry, retraining, study
from modeling.measuring import measure
from modeling.models import LiveQuality, RetrainRun
from modeling.retreating import consider
from modeling.tests.cast import the
from modeling.tests.served import DAY, serve, sloping, version_of
from modeling.watching import watch

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, AFTER = sloping(0.35), sloping(-0.35)
TURNED = 30  # days ago


@pytest.fixture
def today():
    return now().replace(microsecond=0)


@pytest.fixture
def learned_before(today, settings):
    """A version that learned from many leads of the old world, and served all through the new one."""
    settings.TUNING_SECONDS, settings.DRIFT_RETRAIN, settings.AUTO_ROLLBACK = 0.0, True, True
    old = version_of(sloping(0.1), days_ago=600)
    serve(2400, by=old, truth=BEFORE, matured=(250, TURNED + 1), now=today)
    at = today - TURNED * DAY
    lesson = study.study(champion=None, now=at, on_progress=retraining.unwatched)
    version = registry.register(
        data=lesson.artifact, trained_at=at, verdict=lesson.verdict, reasons=lesson.reasons,
        comparison=lesson.comparison, origin="a test",
    )  # fmt: skip
    registry.promote(version=version.version, judged_against=None, actor="a test", reason="the first")
    serve(780, by=version, truth=AFTER, matured=(TURNED - 0.5, -8.5), now=today, seed=9)
    return version


def test_what_the_usual_night_cannot_replace_is_seen_and_learned_anew(learned_before, today):
    # the usual night learns from all leads, most of them of the old world: in the new one it is wrong again
    night = the(retraining.run(retraining.request(slot="night 1", trigger="beat").pk))
    assert (night.status, night.since) == (RetrainRun.Status.COMPLETED, None)
    assert night.report["comparison"]["candidate"]["auc_high"] < 0.5

    # live quality sees that of whichever version serves now, and the estimate without endings does not
    measure(now=today)
    live = LiveQuality.objects.get(span="recent")
    assert live.version == the(registry.champion()).version
    assert live.auc_high < 0.5 < live.expected_auc
    served = LiveQuality.objects.filter(version=learned_before, span="week", auc__isnull=False)
    assert all(week.auc_high < 0.5 < 0.65 < week.holdout_auc for week in served)

    # no other version is better, so nothing is rolled back; the features are what they were: none drifts
    assert not consider(now=today).acted
    seen = watch(now=today)
    assert the(seen.report).drift == 0.0

    # but the promise is broken, and a run is asked for that forgets the world before
    asked = the(seen.decision.run)
    turned = today - timedelta(days=TURNED)
    assert abs(asked.since - turned) < timedelta(days=9)
    anew = the(retraining.run(asked.pk))
    assert (anew.status, anew.verdict) == (RetrainRun.Status.COMPLETED, "promote")
    assert anew.version.auc > 0.65
    assert anew.report["rows"]["matured_before_the_break"] > 2300

    # the next usual night does not dig the old world out again
    night = the(retraining.run(retraining.request(slot="night 2", trigger="beat").pk))
    assert night.since == asked.since
    assert the(registry.champion()).version_id in {anew.version_id, night.version_id}

    # and of the world it learned no lead has come in and matured since: nothing is told of it yet
    assert measure(now=today).recent is None
    assert not LiveQuality.objects.filter(span="recent", version=the(registry.champion()).version).exists()


def test_after_a_rollback_nights_learn_from_everything_again(learned_before, today):
    measure(now=today)
    anew = the(retraining.run(the(watch(now=today).decision.run).pk))
    assert anew.verdict == "promote", anew.reasons
    registry.roll_back(actor="ada", reason="the world is back")
    night = the(retraining.run(retraining.request(slot="night", trigger="beat").pk))
    assert night.since is None
