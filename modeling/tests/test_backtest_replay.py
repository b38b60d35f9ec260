"""A history lived through again sees nothing of the future."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from modeling import artifact
from modeling.backtest import logistic
from modeling.backtest.hindsight import clean
from modeling.backtest.plan import periods
from modeling.backtest.replay import replay, scores, seen_at, snapshots
from modeling.binning import code_all
from modeling.dataset import Column, as_time
from modeling.learning import LearningOptions, learn
from modeling.quality import auc
from modeling.selection import select
from modeling.tests.histories import dataset, written

CUT = datetime(2025, 5, 1, tzinfo=UTC)
UNTUNED = LearningOptions(tuning_seconds=0.0)
PERIODS = periods(datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC), "month")


def quiet(*_):
    """No progress."""


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    return dataset(written(tmp_path_factory.mktemp("replay") / "history.csv"))


@pytest.fixture(scope="module")
def lived(history):
    return replay(history, PERIODS, rules={}, options=UNTUNED, on_progress=quiet)


def test_it_knows_only_endings_heard_by_then(history):
    seen = seen_at(history, CUT)

    assert seen.created_at.max() < as_time(CUT)
    assert seen.outcome_at[~np.isnat(seen.outcome_at)].max() <= as_time(CUT)
    assert (seen.converted[np.isnat(seen.outcome_at)] == 0).all()


@pytest.mark.slow
def test_it_gives_the_same_scores_whatever_happens_later(history, lived):
    later = (history.created_at >= as_time(CUT)) | (history.outcome_at > as_time(CUT))
    turned = np.where(later, 1 - history.converted, history.converted).astype(np.int8)
    other_future = replace(history, converted=turned)

    relived = replay(other_future, PERIODS, rules={}, options=UNTUNED, on_progress=quiet)

    for before, after in zip(lived.contests, relived.contests, strict=True):
        if before.period.starts <= CUT:
            for contestant in ("nightly", "frozen", "logistic", "base_rate"):
                np.testing.assert_array_equal(getattr(before, contestant), getattr(after, contestant))
    assert not np.array_equal(lived.contests[-1].converted, relived.contests[-1].converted)


def test_it_lets_the_promoted_version_serve_until_the_next(lived):
    first = lived.contests[0]

    assert lived.versions[0].verdict == "promote"
    assert first.serving == int(PERIODS[0].starts.timestamp())
    np.testing.assert_array_equal(first.nightly, first.frozen)
    assert auc(first.nightly, first.converted) > 0.65


def test_it_scores_nobody_before_the_first_version(history):
    early = periods(datetime(2025, 1, 10, tzinfo=UTC), datetime(2025, 1, 20, tzinfo=UTC), "month")

    lived = replay(history, early, rules={}, options=UNTUNED, on_progress=quiet)

    assert lived.versions[0].version is None
    assert "are not enough to learn from" in lived.versions[0].reasons[0]
    assert np.isnan(lived.contests[0].nightly).all()
    np.testing.assert_array_equal(lived.contests[0].logistic, lived.contests[0].base_rate)


def test_it_scores_as_the_vectorised_tables_do(history):
    seen = seen_at(history, CUT)
    lesson = learn(leads=seen, champion=None, now=CUT, rules={}, options=UNTUNED, on_progress=quiet)
    scorecard = artifact.load(lesson.artifact, lesson.sha256)
    sample = history.take(np.arange(0, len(history), 17))

    codes = code_all([term.bins for term in scorecard.card.terms], sample)
    expected = [scorecard.codes(*snapshot) for snapshot in snapshots(sample)]

    assert codes.tolist() == [list(row) for row in expected]
    assert scores(scorecard, sample).min() > 0


def test_it_gives_back_the_snapshots_the_file_had(history):
    values, came = next(snapshots(history))

    assert values["channel"] in ("partner", "web")
    assert isinstance(values["size"], float)
    assert came == datetime(2025, 1, 1, tzinfo=UTC)


def test_it_leaves_out_columns_written_with_the_ending(history):
    written_then = Column(
        codes=np.where(history.converted == 1, 0, -1).astype(np.int32), vocabulary=["rep 1"]
    )
    given_away = replace(history, columns={**history.columns, "closed_by": written_then})

    cleaned = clean(given_away)

    assert set(cleaned.left_out) == {"closed_by"}
    assert set(cleaned.leads.columns) == {"channel", "size", "lead.source"}


def test_it_has_a_rival_that_learns_the_same_pattern(history):
    known = seen_at(history, CUT).known_at(CUT)
    until = as_time(CUT + timedelta(days=20))
    later = history.take((history.created_at >= as_time(CUT)) & (history.created_at < until))

    rival = logistic.fit(known, select(known, {}).specs)

    assert rival is not None
    assert auc(rival.scores(known), known.converted) > 0.7
    assert logistic.fit(known.take(known.converted == 1), select(known, {}).specs) is None
    assert auc(rival.scores(later), later.converted) > 0.6
