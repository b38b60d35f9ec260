"""The scores that versions gave to leads which have matured since: one for each lead and version.

Training processes only (numpy).
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from modeling.dataset import Column, Dataset, Floats, Ints, Times
from modeling.reading import HEADER, SPAM, TRAILER, times

# A version may have scored a lead several times. One of these moments, drawn by the number of its row as in
# training, stands for them: so a live figure and a hold-out figure mean the same, and a lead that wrote a
# lot counts once. A score given after the ending, or after maturity, forecast nothing: such rows are read
# for one thing only, that a late report which makes a score worthless opens its period again.
GIVEN = """
SELECT DISTINCT ON (p.lead_id, p.version_id)
       p.lead_id, p.version_id, p.probability, l.created_at, l.matures_at,
       coalesce(o.occurred_at, 'infinity'), coalesce(o.recorded_at, '-infinity'),
       CASE o.state WHEN 'booked' THEN 1::int2 WHEN 'spam' THEN 2::int2 ELSE 0::int2 END,
       (p.at < least(o.occurred_at, l.matures_at))::int::int2,
       p.id %% 1000003 * 2654435761 %% 4294967296, p.at
  FROM modeling_prediction p
  JOIN leads_lead l ON l.id = p.lead_id
  LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, state, occurred_at, recorded_at
               FROM leads_outcome WHERE recorded_at <= %(now)s
              ORDER BY lead_id, recorded_at DESC, id DESC) o ON o.lead_id = l.id
 WHERE p.version_id IS NOT NULL AND p.probability IS NOT NULL
   AND p.at <= %(now)s AND l.matures_at <= %(now)s
 ORDER BY p.lead_id, p.version_id, p.at >= least(o.occurred_at, l.matures_at),
       p.id %% 1000003 * 2654435761 %% 4294967296
"""
ROW = np.dtype(
    [("fields", ">i2"), ("s1", ">i4"), ("id", "S16"), ("s2", ">i4"), ("version", ">i8"),
     ("s3", ">i4"), ("probability", ">f8"), ("s4", ">i4"), ("created_at", ">i8"),
     ("s5", ">i4"), ("matures_at", ">i8"), ("s6", ">i4"), ("outcome_at", ">i8"),
     ("s7", ">i4"), ("recorded_at", ">i8"), ("s8", ">i4"), ("state", ">i2"),
     ("s9", ">i4"), ("forecast", ">i2"), ("s10", ">i4"), ("draw", ">i8"), ("s11", ">i4"), ("at", ">i8")]
)  # fmt: skip


COLUMNS = ("probability", "version", "draw")
MINUS_INFINITY = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Given:
    """`scores`: the forecasts, one for each lead and version, spam left out. Of all rows, worthless ones
    too: which version, when the lead matured, and when its newest outcome was reported (NaT: never).
    """

    scores: Dataset  # columns `probability`, `version`, `draw` and `at`; `ids` are those of leads
    version: Ints
    matures_at: Times
    recorded_at: Times


def read_given(*, now: datetime) -> Given:
    """As the rows stand at `now`."""
    statement = f"COPY ({GIVEN}) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement, {"now": now}) as copy:
        data = b"".join(bytes(block) for block in copy)
    rows = np.frombuffer(data[HEADER:-TRAILER], ROW)
    recorded_at = times(rows["recorded_at"])
    recorded_at[rows["recorded_at"] == MINUS_INFINITY] = np.datetime64("NaT", "us")
    return Given(
        scores=_scores(rows[(rows["forecast"] == 1) & (rows["state"] != SPAM)]),
        version=rows["version"].astype(np.int64),
        matures_at=times(rows["matures_at"]),
        recorded_at=recorded_at,
    )


def _scores(rows: NDArray[np.void]) -> Dataset:
    numbers = {name: rows[name].astype(np.float64) for name in COLUMNS}
    # microseconds since 1970 fit a float64 until the year 2255
    numbers["at"] = times(rows["at"]).astype(np.int64).astype(np.float64)
    return Dataset.ordered(
        ids=rows["id"],
        created_at=times(rows["created_at"]),
        matures_at=times(rows["matures_at"]),
        outcome_at=times(rows["outcome_at"]),
        converted=rows["state"].astype(np.int8),
        columns={name: Column(numbers=values) for name, values in numbers.items()},
    )


def column(scores: Dataset, name: str) -> Floats:
    """One of the columns of `Given.scores`."""
    numbers = scores.columns[name].numbers
    return np.empty(0) if numbers is None else numbers


def one_each(scores: Dataset) -> Dataset:
    """One score for each lead, whichever version gave it."""
    order = np.lexsort((column(scores, "draw"), scores.ids))
    first = np.ones(len(order), dtype=bool)
    first[1:] = scores.ids[order][1:] != scores.ids[order][:-1]
    return scores.take(np.sort(order[first]))
