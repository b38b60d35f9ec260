"""Lives through a history again: learn from what was known, let the gate decide, score leads as they arrive.

The learning, the gate and the scorer are the ones that serve; only the clock is moved.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from modeling import artifact
from modeling.backtest import logistic
from modeling.backtest.plan import Period, judgeable
from modeling.dataset import Column, Dataset, Floats, Ints, Labels, as_datetime, as_time
from modeling.features import Value
from modeling.learning import LearningOptions, NotEnoughData, learn
from modeling.scorecard import Scorecard
from modeling.selection import Rule, select

PIECE = 1000
SMALL = 100_000  # leads; below, a fit is over before a second thread has paid for itself
FEWEST = 200  # leads a rate is taken from, if there are so many
OnProgress = Callable[[int, str, float], None]  # period, phase, 0 to 1


@dataclass(frozen=True, slots=True)
class Version:
    """What came of learning at the start of one period; `version` None when it could not be tried."""

    learned_at: datetime
    version: int | None
    verdict: str
    reasons: list[str]
    n_train: int
    auc: float | None
    report: Mapping[str, Any]
    comparison: Mapping[str, Any]


@dataclass(frozen=True)
class Contest:
    """The judged leads of one period in order of arrival, with every contestant's forecast at arrival.

    `nightly` and `frozen` hold NaN while no version had been promoted.
    """

    period: Period
    serving: int | None
    known_leads: int
    converted: Labels
    nightly: Floats
    frozen: Floats
    logistic: Floats
    base_rate: Floats


@dataclass(slots=True)
class Replay:
    """All periods, and every version that was learned."""

    contests: list[Contest] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)


@dataclass(slots=True)
class _Serving:
    first: Scorecard | None = None
    champion: Scorecard | None = None
    best: Scorecard | None = None

    def promote(self, scorecard: Scorecard, version: Version) -> None:
        self.champion = scorecard
        self.first = self.first or scorecard
        if self.best is None or version.comparison["best"]["beaten"]:
            self.best = scorecard


def replay(
    history: Dataset,
    periods: list[Period],
    *,
    rules: Mapping[str, Rule],
    options: LearningOptions,
    on_progress: OnProgress,
) -> Replay:
    """Live through `periods` one by one."""
    with threadpool_limits(1 if len(history) < SMALL else None):
        return _live(history, periods, rules=rules, options=options, on_progress=on_progress)


def _live(
    history: Dataset,
    periods: list[Period],
    *,
    rules: Mapping[str, Rule],
    options: LearningOptions,
    on_progress: OnProgress,
) -> Replay:
    judged = history.take(judgeable(history))
    serving, lived = _Serving(), Replay()
    for number, period in enumerate(periods):
        seen = seen_at(history, period.starts)
        version, scorecard = _learn(
            seen,
            serving,
            now=period.starts,
            rules=rules,
            options=options,
            on_progress=lambda phase, done, number=number: on_progress(number, phase, done),
        )
        if scorecard is not None and version.verdict == "promote":
            serving.promote(scorecard, version)
        lived.versions.append(version)
        lived.contests.append(_contest(judged, period, seen.known_at(period.starts), serving, version, rules))
        on_progress(number, "scored", 1.0)
    return lived


def seen_at(history: Dataset, now: datetime) -> Dataset:
    """The leads that had come in by `now`, with only the endings that had been heard by then."""
    moment = as_time(now)
    came = history.take(history.created_at < moment)
    heard = came.outcome_at <= moment
    return replace(
        came,
        converted=np.where(heard, came.converted, 0).astype(np.int8),
        outcome_at=np.where(heard, came.outcome_at, np.datetime64("NaT", "us")),
    )


def _learn(
    seen: Dataset, serving: _Serving, *, now: datetime, **how: Any
) -> tuple[Version, Scorecard | None]:
    try:
        lesson = learn(leads=seen, champion=serving.champion, best=serving.best, now=now, **how)
    except NotEnoughData as error:
        return Version(now, None, "hold", [str(error)], 0, None, {}, {}), None
    number = int(now.timestamp())
    version = Version(
        learned_at=now,
        version=number,
        verdict=lesson.verdict,
        reasons=list(lesson.reasons),
        n_train=lesson.n_train,
        auc=lesson.auc,
        report=lesson.report,
        comparison=lesson.comparison,
    )
    return version, artifact.load(lesson.artifact, lesson.sha256, version=number)


def _contest(
    judged: Dataset,
    period: Period,
    known: Dataset,
    serving: _Serving,
    version: Version,
    rules: Mapping[str, Rule],
) -> Contest:
    first, last = np.searchsorted(judged.created_at, [as_time(period.starts), as_time(period.ends)])
    leads = judged.take(np.arange(first, last))
    base = np.full(len(leads), usual_rate(known.converted))
    return Contest(
        period=period,
        serving=serving.champion.version if serving.champion else None,
        known_leads=len(known),
        converted=leads.converted,
        nightly=scores(serving.champion, leads),
        frozen=scores(serving.first, leads),
        logistic=_logistic(known, leads, version, rules, otherwise=base),
        base_rate=base,
    )


def usual_rate(converted: Labels) -> float:
    """How often the newest quarter of the known leads converted: what to expect without a model."""
    newest = converted[-max(len(converted) // 4, FEWEST) :]
    return float((newest.sum() + 1) / (len(newest) + 2))


def _logistic(
    known: Dataset, leads: Dataset, version: Version, rules: Mapping[str, Rule], *, otherwise: Floats
) -> Floats:
    """The rival is spared what the leakage guard found: it learns from the same features."""
    if version.version is None or len(leads) == 0:
        return otherwise
    specs = select(known, rules).without(version.report["left_out"]).specs
    model = logistic.fit(known, specs)
    return otherwise if model is None else model.scores(leads)


def scores(scorecard: Scorecard | None, leads: Dataset) -> Floats:
    """Each lead's probability by the scorer that serves, one snapshot at a time; NaN without a scorecard."""
    if scorecard is None:
        return np.full(len(leads), np.nan)
    probability = scorecard.probability
    return np.fromiter((probability(*seen) for seen in snapshots(leads)), np.float64, len(leads))


def snapshots(leads: Dataset) -> Iterator[tuple[dict[str, Value], datetime]]:
    """Each lead as a score sees it: its snapshot, and when it came in."""
    for first in range(0, len(leads), PIECE):
        piece = leads.take(np.arange(first, min(first + PIECE, len(leads))))
        values = {name: _values(column, len(piece)) for name, column in piece.columns.items()}
        for row, created_at in enumerate(piece.created_at):
            seen = {name: column[row] for name, column in values.items()}
            yield seen, as_datetime(created_at)


def _values(column: Column, n: int) -> list[Value]:
    found: list[Value] = [None] * n
    if column.numbers is not None:
        found = [None if value != value else value for value in column.numbers.tolist()]
    if column.codes is not None:
        words: Ints | list[int] = column.codes.tolist()
        found = [
            column.vocabulary[code] if code >= 0 else value for code, value in zip(words, found, strict=True)
        ]
    return found
