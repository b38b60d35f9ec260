"""Live quality as rows: what given scores were worth week by week, and the serving version now.

Every night; weeks that outcomes were reported for since are measured again. Training processes only (numpy).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

import numpy as np
import structlog
from django.db import transaction

from modeling import family, recent, registry
from modeling.dataset import Dataset, as_time
from modeling.given import Given, column, one_each, read_given
from modeling.live import Figures, by_week, figures, weeks
from modeling.models import LiveQuality, ModelVersion

WEEK = timedelta(days=7)
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


def measure(*, now: datetime) -> Measured:
    """Measure what is new, and again what was reported late."""
    given = read_given(now=now)
    settled_until = given.scores.settled_until(now)
    known = given.scores.known_at(now, until=settled_until)
    stored = {(row.version_id, row.starts): row for row in LiveQuality.objects.filter(span="week")}
    reported = _newest_reports(given)
    due = [week for week in _weeks_of(known) if _is_due(stored.get(week.key), week, reported)]
    promised = promises()
    with transaction.atomic():
        reopened = sum(_keep(week, stored.get(week.key), promised, now) for week in due)
        newest = _keep_recent(known, settled_until, now)
    log.info("live_quality_measured", weeks=len(due), reopened=reopened)
    return Measured(weeks=len(due), reopened=reopened, recent=newest)


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


def _is_due(row: LiveQuality | None, week: _Week, reported: dict[Key, np.datetime64]) -> bool:
    """A week is open while leads mature in it, and again when an outcome is reported later."""
    if row is None or len(week.scores) > row.leads:
        return True
    newest = reported.get(week.key)
    return newest is not None and bool(newest > as_time(row.measured_at))


def _keep(week: _Week, row: LiveQuality | None, promised: dict[int, float], now: datetime) -> bool:
    """Write a week; True when it was over already when it was measured before."""
    version, starts = week.key
    again = row is not None and row.measured_at.date() >= row.ends and len(week.scores) <= row.leads
    kept = row or LiveQuality(
        version_id=version, span=LiveQuality.Span.WEEK, starts=starts, ends=starts + WEEK
    )
    kept.reopened += again
    versions = column(week.scores, "version").astype(np.int64).tolist()
    kept.holdout_auc = _mean(promised[one] for one in versions if one in promised)
    _write(kept, figures(column(week.scores, "probability"), week.scores.converted), now)
    return again


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
