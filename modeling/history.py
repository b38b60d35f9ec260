"""A history file as training data: the rows of leads/csvfile.py as a Dataset, bad ones counted by reason.

Training processes only (numpy).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from leads.csvfile import HistoryLead, Reject
from modeling.columns import Columns
from modeling.dataset import Dataset, Times
from modeling.features import Value, microseconds, snapshot

PIECE = 128
NEVER = np.iinfo(np.int64).min  # what numpy calls NaT
REASONS = 50  # more different ones than this are counted together
_QUOTED = re.compile(r"(?<!\w)'[^']*'(?!\w)|\d{4}-\d{2}-\d{2}")  # rows with different cells share a reason
SPANS = 3  # horizons a history without end times must span to be taken as it is
OTHER_REASONS = "other reasons"


@dataclass(frozen=True, slots=True)
class Record:
    """All of a history that can be learned from, and how many rows could not go in, by reason."""

    leads: Dataset
    rejects: dict[str, int]


@dataclass(slots=True)
class _Gathered:
    ids: list[str] = field(default_factory=list)
    times: list[tuple[int, int, int]] = field(default_factory=list)
    converted: list[bool] = field(default_factory=list)
    columns: Columns = field(default_factory=Columns)
    waiting: list[dict[str, Value]] = field(default_factory=list)

    def add(self, lead: HistoryLead) -> None:
        self.ids.append(lead.external_id)
        self.times.append((microseconds(lead.created_at), microseconds(lead.matures_at), _known_from(lead)))
        self.converted.append(lead.state == "booked")
        self.waiting.append(snapshot(attributes=lead.attributes, source=lead.source))
        if len(self.waiting) == PIECE:
            self.flush()

    def flush(self) -> None:
        self.columns.add(self.waiting)
        self.waiting = []


def _known_from(lead: HistoryLead) -> int:
    """When the ending was known: where the file does not say, when the lead matured."""
    if lead.state is None:
        return NEVER
    return microseconds(lead.occurred_at or lead.matures_at)


def record(rows: Iterable[HistoryLead | Reject], *, on_row: Callable[[], object] = lambda: None) -> Record:
    """Read all rows. Spam is left out and counted in the Dataset's `dropped`."""
    gathered, rejects, spam = _Gathered(), Counter[str](), 0
    for row in rows:
        on_row()
        if isinstance(row, Reject):
            reason = _QUOTED.sub("…", row.reason)
            known = reason in rejects or len(rejects) < REASONS
            rejects[reason if known else OTHER_REASONS] += 1
        elif row.state == "spam":
            spam += 1
        else:
            gathered.add(row)
    gathered.flush()
    return Record(leads=_dataset(gathered, spam), rejects=dict(rejects.most_common()))


def _dataset(gathered: _Gathered, spam: int) -> Dataset:
    stamps = np.array(gathered.times, dtype=np.int64).reshape(-1, 3)
    return Dataset.ordered(
        ids=np.array(gathered.ids, dtype=object),
        created_at=_times(stamps[:, 0]),
        matures_at=_times(stamps[:, 1]),
        outcome_at=_times(stamps[:, 2]),
        converted=np.array(gathered.converted, dtype=np.int8),
        columns=gathered.columns.build(),
        dropped={"spam": spam},
    )


def shortened(leads: Dataset, horizon: timedelta) -> tuple[Dataset, timedelta]:
    """For a file that tells of no end times and spans little more than the horizon that stands for them.

    A tenth of the span is taken instead, so that something can be learned before the last lead comes in.
    """
    span = (leads.created_at[-1] - leads.created_at[0]).item() if len(leads) else timedelta()
    if span >= SPANS * horizon:
        return leads, horizon
    shorter = max(span / 10, timedelta(microseconds=1))
    matures_at = leads.created_at + np.timedelta64(shorter)
    heard = ~np.isnat(leads.outcome_at)
    outcome_at = np.where(heard, matures_at, leads.outcome_at)
    return replace(leads, matures_at=matures_at, outcome_at=outcome_at), shorter


def _times(stamps: NDArray[np.int64]) -> Times:
    return stamps.astype("datetime64[us]")
