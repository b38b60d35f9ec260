"""Leads as columns: what training reads, sorted by arrival, with the labels as they were known at a moment.

Imported by training processes only (numpy).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modeling.features import microseconds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Labels = NDArray[np.int8]
Mask = NDArray[np.bool_]
Times = NDArray[np.datetime64]
Rows = NDArray[Any] | slice  # a boolean mask, row numbers, or a part of them

SETTLING_QUANTILE = 0.95


@dataclass(frozen=True)
class Column:
    """One attribute of all leads. A JSON attribute may hold numbers in some leads and strings in others.

    `numbers`: float64[n], NaN where no number stands, or None. `codes`: int32[n] into `vocabulary`, -1 where
    no string stands, or None. Booleans are the strings "true" and "false".
    """

    numbers: Floats | None = None
    codes: NDArray[np.int32] | None = None
    vocabulary: list[str] = field(default_factory=list)

    def take(self, rows: Rows) -> "Column":
        """The same column of fewer leads; the vocabulary is kept whole."""
        numbers = None if self.numbers is None else self.numbers[rows]
        codes = None if self.codes is None else self.codes[rows]
        return Column(numbers=numbers, codes=codes, vocabulary=self.vocabulary)

    def present(self, n: int) -> Mask:
        """Where the attribute holds anything at all."""
        filled = np.zeros(n, dtype=bool)
        if self.numbers is not None:
            filled |= ~np.isnan(self.numbers)
        if self.codes is not None:
            filled |= self.codes >= 0
        return filled


@dataclass(frozen=True)
class Dataset:
    """Leads in order of arrival. `outcome_at` is NaT where nothing was heard; `dropped` counts rows left out.

    Make one with `Dataset.ordered()`; the times are datetime64[us] in UTC.
    """

    ids: NDArray[Any]
    created_at: Times
    matures_at: Times
    outcome_at: Times
    converted: Labels
    columns: Mapping[str, Column]
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _sorted(self.created_at):
            raise ValueError("a Dataset is sorted by created_at; use Dataset.ordered()")

    def __len__(self) -> int:
        return len(self.created_at)

    @classmethod
    def ordered(
        cls,
        *,
        ids: NDArray[Any],
        created_at: Times,
        matures_at: Times,
        outcome_at: Times,
        converted: NDArray[np.int8],
        columns: Mapping[str, Column],
        dropped: Mapping[str, int] | None = None,
    ) -> "Dataset":
        """A Dataset from rows in any order; ties keep the order they came in."""
        if not _sorted(created_at):
            order = np.argsort(created_at, kind="stable")
            ids, created_at, matures_at = ids[order], created_at[order], matures_at[order]
            outcome_at, converted = outcome_at[order], converted[order]
            columns = {name: column.take(order) for name, column in columns.items()}
        return cls(
            ids=ids,
            created_at=created_at,
            matures_at=matures_at,
            outcome_at=outcome_at,
            converted=converted,
            columns=columns,
            dropped=dropped or {},
        )

    def take(self, rows: Rows) -> "Dataset":
        """The leads a mask, ascending row numbers or a slice name."""
        return Dataset(
            ids=self.ids[rows],
            created_at=self.created_at[rows],
            matures_at=self.matures_at[rows],
            outcome_at=self.outcome_at[rows],
            converted=self.converted[rows],
            columns={name: column.take(rows) for name, column in self.columns.items()},
            dropped=self.dropped,
        )

    def sampled(self, most: int) -> "Dataset":
        """At most so many, evenly spread over time."""
        return self.take(sample_of(len(self), most))

    def matured_since(self, moment: datetime) -> "Dataset":
        """Without the leads that matured before; `dropped` counts them."""
        rows = self.matures_at >= as_time(moment)
        dropped = {**self.dropped, "matured_before_the_break": int(np.sum(~rows))}
        return replace(self.take(rows), dropped=dropped)

    def settled_until(self, now: datetime) -> np.datetime64:
        """Leads count that matured by this moment: where bookings are regularly recorded after maturity (a
        hotel's check-out after the arrival), leads that matured a moment ago only look unconverted.
        """
        moment = as_time(now)
        matured = self.matures_at <= moment
        if not matured.any():
            return moment
        booked = (self.outcome_at <= moment) & (self.converted == 1) & matured
        lag = settling_lag(self.matures_at[booked], self.outcome_at[booked])
        # where bookings trickle in for months, the older half of what has matured must do
        older_half = np.sort(self.matures_at[matured])[int(matured.sum() - 1) // 2]
        return np.datetime64(max(moment - lag, older_half), "us")

    def known_at(self, now: datetime, *, until: np.datetime64 | None = None) -> "Dataset":
        """The leads that may be learned from at `now`, with their labels as they were known then: those that
        matured and settled. `until`: settled by what more leads than these tell.
        """
        moment = as_time(now)
        # what was heard later than now was not known: such a lead still looks silent
        heard = self.outcome_at <= moment
        booked = heard & (self.converted == 1)
        matured = self.matures_at <= moment
        settled = self.matures_at <= (self.settled_until(now) if until is None else until)
        dropped = {
            **self.dropped,
            "not_matured": self.dropped.get("not_matured", 0) + int(np.sum(~matured)),
            "settling": int(np.sum(matured & ~settled)),
        }
        relabelled = replace(
            self,
            converted=booked.astype(np.int8),
            outcome_at=np.where(heard, self.outcome_at, np.datetime64("NaT", "us")),
            dropped=dropped,
        )
        return relabelled if settled.all() else relabelled.take(settled)


def sample_of(n: int, most: int) -> slice | Ints:
    """At most so many rows, evenly spread: a sample keeps the order and the mix of time; always the same."""
    return slice(None) if n <= most else np.arange(most) * n // most


def _sorted(times: Times) -> bool:
    return not bool(np.any(times[1:] < times[:-1]))


def as_time(moment: datetime) -> np.datetime64:
    """A datetime64[us] in UTC, without a zone, as numpy keeps them."""
    return np.datetime64(microseconds(moment), "us")


def as_datetime(moment: np.datetime64) -> datetime:
    """A datetime in UTC."""
    found: datetime = moment.astype("datetime64[us]").item()
    return found.replace(tzinfo=UTC)


def settling_lag(matures_at: Times, outcome_at: Times) -> np.timedelta64:
    """How long after maturity bookings are still being recorded: the 95th percentile, never below zero."""
    if len(matures_at) == 0:
        return np.timedelta64(0, "us")
    lateness = (outcome_at - matures_at).astype("timedelta64[us]").astype(np.int64)
    lag = int(np.quantile(lateness, SETTLING_QUANTILE, method="lower"))
    return np.timedelta64(max(lag, 0), "us")
