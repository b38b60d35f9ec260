"""The moments a replay learns at, and the leads that are scored between them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np

from modeling.dataset import Dataset, Mask, as_datetime, as_time

Every = Literal["month", "week", "day"]
MIDNIGHT = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}


class CannotReplay(ValueError):
    """The history and the flags leave nothing to replay; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Period:
    """Learning happens at `starts`; the leads that come in until `ends` are scored by what serves then."""

    starts: datetime
    ends: datetime


def boundary_after(moment: datetime, every: Every) -> datetime:
    """The first midnight UTC after `moment` that starts a day, a week (Monday) or a month."""
    day = moment.replace(**MIDNIGHT) + timedelta(days=1)  # type: ignore[arg-type]
    if every == "week":
        return day + timedelta(days=-day.weekday() % 7)
    if every == "month" and day.day > 1:
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day


def periods(starts: datetime, ends: datetime, every: Every) -> list[Period]:
    """`starts` to `ends`, cut where days, weeks or months begin."""
    return [Period(*pair) for pair in pairwise(_boundaries(starts, ends, every))]


def _boundaries(starts: datetime, ends: datetime, every: Every) -> Iterator[datetime]:
    moment = starts
    while moment < ends:
        yield moment
        moment = boundary_after(moment, every)
    yield ends


def fitting_every(history: Dataset) -> Every:
    """Months for half a year and more, weeks for six of them, else days."""
    span = history.created_at[-1] - history.created_at[0] if len(history) else np.timedelta64(0, "D")
    if span >= np.timedelta64(180, "D"):
        return "month"
    return "week" if span >= np.timedelta64(42, "D") else "day"


def last_heard(history: Dataset) -> np.datetime64:
    """The newest moment the history tells of: nothing that ended later can be known."""
    heard = history.outcome_at[~np.isnat(history.outcome_at)]
    return max([history.created_at.max(), *([heard.max()] if len(heard) else [])])


def judgeable(history: Dataset) -> Mask:
    """Leads that matured before the history ends. Those that merely ended early are no fair sample."""
    return np.asarray(history.matures_at <= last_heard(history))


def first_start(history: Dataset, every: Every, *, min_leads: int, min_converted: int) -> datetime:
    """The first boundary at which enough leads had matured to learn from; CannotReplay when there is none."""
    labels = replace(history, columns={})
    moment, end = boundary_after(as_datetime(history.created_at[0]), every), last_heard(history)
    while as_time(moment) <= end:
        known = labels.known_at(moment)
        converted = int(known.converted.sum())
        if len(known) >= min_leads and min_converted <= converted <= len(known) - min_converted:
            return moment
        moment = boundary_after(moment, every)
    raise CannotReplay(
        f"{len(history):,} leads, {int(history.converted.sum()):,} of them converted, are too few: at no time"
        f" had {min_leads:,} matured with {min_converted:,} converted and {min_converted:,} not"
    )


def plan(
    history: Dataset,
    every: Every,
    *,
    starts: datetime | None,
    ends: datetime | None,
    min_leads: int,
    min_converted: int,
) -> list[Period]:
    """The periods to replay. `ends` is exclusive; both default to as much as the history can tell."""
    if len(history) == 0:
        raise CannotReplay("the file holds no usable lead")
    _require_both_endings(history)
    if history.created_at[0] == history.created_at[-1]:
        raise CannotReplay(
            f"all {len(history):,} leads came in at one moment: name the column that tells when with"
            " --created-at, or say --rows-per-day N for a file in time order"
        )
    known = judgeable(history)
    if not known.any():
        raise CannotReplay("no lead had matured when the history ends")
    starts = starts or first_start(history, every, min_leads=min_leads, min_converted=min_converted)
    last = as_datetime(history.created_at[known].max()) + timedelta(microseconds=1)
    if starts >= last:
        raise CannotReplay(
            f"learning can start on {starts:%Y-%m-%d}, but the last lead that can be judged came in on"
            f" {last:%Y-%m-%d}: say when leads ended with --outcome-at or --matures-at, or set"
            " OUTCOME_HORIZON_DAYS lower"
        )
    ends = min(ends, last) if ends else last
    window = (history.created_at >= as_time(starts)) & (history.created_at < as_time(ends)) & known
    if not window.any():
        raise CannotReplay(f"no lead that can be judged came in from {starts:%Y-%m-%d} to {ends:%Y-%m-%d}")
    # a date far off (a mistyped year) makes no thousand empty months to learn in
    came = history.created_at[known]
    cut = [
        (p, *np.searchsorted(came, [as_time(p.starts), as_time(p.ends)]))
        for p in periods(starts, ends, every)
    ]
    return [period for period, first, last_lead in cut if first < last_lead]


def _require_both_endings(history: Dataset) -> None:
    if np.isnat(history.outcome_at).all():
        raise CannotReplay(
            "no lead of the file has an ending: name the column that tells it with --outcome or --outcome-at"
        )
    if history.converted.all():
        raise CannotReplay(
            f"all {len(history):,} leads of the file converted: leads that did not must be in it too, or"
            " there is nothing to tell apart"
        )
    if not history.converted.any():
        raise CannotReplay(f"none of the {len(history):,} leads of the file converted: see what --map says")
