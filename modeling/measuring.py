"""Live quality as rows: what given scores were worth week by week, and the serving version now.

Every night; weeks that outcomes were reported for since are measured again. Training processes only (numpy).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean

import numpy as np
import structlog
from django.db import transaction

from modeling import family, recent, registry
from modeling.dataset import Dataset, as_datetime, as_time
from modeling.given import Given, column, one_each, read_given
from modeling.live import Figures, by_week, figures, weeks
from modeling.locks import Lock, hold
from modeling.models import LiveQuality, ModelVersion

WEEK = timedelta(days=7)
ON_ITS_WAY = timedelta(hours=1)  # an outcome may be stamped so long before its transaction shows it
Key = tuple[int | None, date]  # a version (None: whichever served) and a Monday

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one night did."""

    weeks: int
    reopened: int
    recent: LiveQuality | None  # of the serving version


@dataclass(frozen=True)
class _Week:
    """The scores of one version that matured in one week."""

    key: Key
    scores: Dataset


@dataclass(frozen=True)
class _Past:
    """`reported`: when an outcome was last reported for the leads of each week; `unsettled`: how long after
    maturity a lead waits until it counts.
    """

    reported: dict[Key, np.datetime64]
    unsettled: timedelta

    def calls_for(self, row: LiveQuality | None, week: _Week) -> bool:
        """A week is open while leads mature in it, and again when an outcome is reported later."""
        if row is None or len(week.scores) > row.leads:
            return True
        return not self.was_over(row) or self.reopens(row, week.key)

    def was_over(self, row: LiveQuality) -> bool:
        """Whether all leads of the week counted when it was measured."""
        return row.measured_at - self.unsettled >= datetime.combine(row.ends, time(tzinfo=UTC))

    def reopens(self, row: LiveQuality, key: Key) -> bool:
        """Whether an outcome was reported that may not have been seen."""
        newest = self.reported.get(key)
        return newest is not None and bool(newest > as_time(row.measured_at - ON_ITS_WAY))


def measure(*, now: datetime) -> Measured:
    """Measure what is new, and again what was reported late."""
    with transaction.atomic():
        hold(Lock.MEASUREMENTS)  # a person's command may meet the night's task
        given = read_given(now=now)
        settled_until = given.scores.settled_until(now)
        known = given.scores.known_at(now, until=settled_until)
        past = _Past(_newest_reports(given), unsettled=now - as_datetime(settled_until))
        weeks, reopened = _measure_weeks(known, past, now)
        newest = _keep_recent(known, settled_until, now)
    log.info("live_quality_measured", weeks=weeks, reopened=reopened)
    return Measured(weeks=weeks, reopened=reopened, recent=newest)


def _measure_weeks(known: Dataset, past: _Past, now: datetime) -> tuple[int, int]:
    """How many weeks were measured, and how many of them again."""
    stored = {(row.version_id, row.starts): row for row in LiveQuality.objects.filter(span="week")}
    there = {week.key: week for week in _weeks_of(known)}
    promised = promises()
    due = [week for key, week in there.items() if past.calls_for(stored.get(key), week)]
    reopened = sum(_keep(week, stored.get(week.key), past, promised, now) for week in due)
    # what was counted turned out to be spam, or scored too late; weeks of erased leads report nothing
    emptied = [row.pk for key, row in stored.items() if key not in there and past.reopens(row, key)]
    LiveQuality.objects.filter(pk__in=emptied).delete()
    return len(due) + len(emptied), reopened + len(emptied)


def promises() -> dict[int, float]:
    """The hold-out AUC of each version that has one."""
    rows = ModelVersion.objects.values_list("version", "auc")
    return {version: auc for version, auc in rows if auc is not None}


def _weeks_of(known: Dataset) -> Iterator[_Week]:
    """Of each version, and of whichever version served."""
    versions = column(known, "version").astype(np.int64)
    for version in np.unique(versions).tolist():
        yield from _cut(version, known.take(versions == version))
    yield from _cut(None, one_each(known))


def _cut(version: int | None, scores: Dataset) -> Iterator[_Week]:
    for monday, rows in by_week(scores.matures_at):
        yield _Week((version, monday), scores.take(rows))


def _newest_reports(given: Given) -> dict[Key, np.datetime64]:
    """When an outcome was last reported for the leads of each week."""
    told = ~np.isnat(given.recorded_at)
    at, mondays, versions = given.recorded_at[told], weeks(given.matures_at)[told], given.version[told]
    newest: dict[Key, np.datetime64] = {}
    order = np.argsort(at, kind="stable")
    for version, monday, moment in zip(
        versions[order].tolist(), mondays[order].tolist(), at[order], strict=True
    ):
        starts = date(1970, 1, 1) + timedelta(days=monday)
        newest[version, starts] = newest[None, starts] = moment
    return newest


def _keep(
    week: _Week, row: LiveQuality | None, past: _Past, promised: dict[int, float], now: datetime
) -> bool:
    """Write a week; True when it was over already when it was measured before, and is another now."""
    version, starts = week.key
    found = figures(column(week.scores, "probability"), week.scores.converted)
    again = row is not None and past.was_over(row) and _is_another(row, found)
    kept = row or LiveQuality(
        version_id=version, span=LiveQuality.Span.WEEK, starts=starts, ends=starts + WEEK
    )
    kept.reopened += again
    versions = column(week.scores, "version").astype(np.int64).tolist()
    kept.holdout_auc = _mean(promised[one] for one in versions if one in promised)
    _write(kept, found, now)
    return again


def _is_another(row: LiveQuality, found: Figures) -> bool:
    """Whether leads that were counted count otherwise, or no longer; that more of them do is no news."""
    told = (row.leads, row.rate, row.mean_score)
    return found.leads <= row.leads and told != (found.leads, found.rate, found.mean_score)


def _keep_recent(known: Dataset, settled_until: np.datetime64, now: datetime) -> LiveQuality | None:
    """The serving version's row; the rows of versions that no longer serve stay as they were."""
    deployed, kin = registry.champion(), family.of_champion()
    if deployed is None or kin is None:
        return None
    pool = recent.newest_matured(given=known, settled_until=settled_until, now=now)
    pool, scores = recent.in_force(pool, deployed.version, kin.members)
    rows = LiveQuality.objects.filter(version_id=deployed.version_id, span=LiveQuality.Span.RECENT)
    if len(scores) == 0:
        rows.delete()
        return None
    row = rows.first() or LiveQuality(version_id=deployed.version_id, span=LiveQuality.Span.RECENT)
    row.starts, row.ends, row.holdout_auc = pool.starts, pool.ends, deployed.version.auc
    _write(row, figures(scores, pool.leads.converted), now)
    return row


def _write(row: LiveQuality, found: Figures, now: datetime) -> None:
    auc = found.auc
    row.leads, row.converted = found.leads, found.converted
    row.rate, row.mean_score = found.rate, found.mean_score
    row.auc, row.auc_low, row.auc_high = (auc.point, auc.low, auc.high) if auc else (None, None, None)
    row.expected_auc, row.brier, row.log_loss = found.expected_auc, found.brier, found.log_loss
    row.ece, row.lift, row.measured_at = found.ece, found.lift, now
    row.save()


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return fmean(found) if found else None
