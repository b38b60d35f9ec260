"""What the serving version is worth on the newest leads that matured. Training processes only (numpy)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from django.conf import settings

from modeling import artifact, moments
from modeling.cards import probabilities
from modeling.dataset import Dataset, Floats, Ints, Rows, Times, as_datetime, as_time
from modeling.given import column, one_each
from modeling.models import ModelVersion
from modeling.scorecard import Scorecard

NEWEST = 500  # leads, where fewer matured in LIVE_QUALITY_DAYS


@dataclass(frozen=True)
class Pool:
    """The newest matured leads, as the moment that was drawn for each of them saw it; and of this moment:
    when it was, which version scored then, and what it said.
    """

    leads: Dataset
    at: Times
    version: Ints
    said: Floats

    def take(self, rows: Rows) -> "Pool":
        """The leads that a mask names."""
        return Pool(self.leads.take(rows), self.at[rows], self.version[rows], self.said[rows])

    @property
    def starts(self) -> date:
        """The day the first of them matured on."""
        return as_datetime(self.leads.matures_at.min()).date()

    @property
    def ends(self) -> date:
        """The first day after the last of them matured."""
        return as_datetime(self.leads.matures_at.max()).date() + timedelta(days=1)


def newest_matured(*, given: Dataset, settled_until: np.datetime64, now: datetime) -> Pool:
    """Leads that a version scored while they were open and that matured in LIVE_QUALITY_DAYS, or the newest
    500 of them.
    """
    served = one_each(given)
    matured = np.sort(served.matures_at)[-NEWEST:]
    newest = as_datetime(matured[0]) - timedelta(microseconds=1) if len(matured) else now
    since = min(now - timedelta(days=settings.LIVE_QUALITY_DAYS), newest)
    leads = moments.matured(after=since, now=now).known_at(now, until=settled_until)
    place = {key: row for row, key in enumerate(served.ids.tolist())}
    rows = np.array([place.get(bytes(key).rstrip(b"\0"), -1) for key in leads.ids], dtype=np.int64)
    leads, rows = leads.take(rows >= 0), rows[rows >= 0]
    return Pool(
        leads=replace(leads, dropped={}),
        at=column(served, "at")[rows].astype(np.int64).astype("datetime64[us]"),
        version=column(served, "version")[rows].astype(np.int64),
        said=column(served, "probability")[rows],
    )


def in_force(pool: Pool, version: ModelVersion, family: tuple[int, ...]) -> tuple[Pool, Floats]:
    """The leads that tell what `version` is worth, with the scores that tell it.

    Of a moment after it was trained: what it says. It might have said so then, and if it served it did. Of a
    moment before: what a version of its family said then. What it says today of such a moment is no
    forecast, even of leads that matured later: it knows how others ended that came in with them.
    """
    later = pool.at > as_time(version.trained_at)
    known = later | np.isin(pool.version, family)
    pool, later = pool.take(known), later[known]
    return pool, np.where(later, says(version, pool), pool.said)


def says(version: ModelVersion, pool: Pool) -> Floats:
    """What a version makes of each moment."""
    return probabilities(load(version).card, pool.leads)


def load(version: ModelVersion) -> Scorecard:
    """The version's verified scorecard."""
    return artifact.load(bytes(version.artifact), version.sha256, version=version.version)
