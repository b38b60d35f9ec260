"""The training data: every lead with the features its first score saw and how it ended.

One streamed COPY from Postgres into typed columns; no row becomes an object. Training processes only (numpy).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, compress, islice

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

from modeling.columns import Columns
from modeling.dataset import Dataset, Times
from modeling.features import Value

Block = bytes | memoryview
Snapshot = dict[str, Value]

PIECE = 128  # rows parsed at once: they stay in the processor's cache, and Postgres is not kept waiting

# Outcomes and predictions have indexes in the order of the leads' own key: three scans side by side take half
# the time of a look-up for each lead.
# A lead that wrote was scored several times, each time knowing more. One of these moments, drawn by the
# number of its row, stands for it: so the model meets early and late moments as often as scores are asked
# for, and no lead counts twice. What is said after the ending tells the ending: it is never read.
LEADS = """
SELECT DISTINCT ON (l.id)
       l.id, l.created_at, l.matures_at, coalesce(o.occurred_at, 'infinity'),
       CASE o.state WHEN 'booked' THEN 1::int2 WHEN 'spam' THEN 2::int2 ELSE 0::int2 END,
       CASE WHEN p.heard_until IS NULL OR p.heard_until < least(o.occurred_at, l.matures_at)
            THEN coalesce(p.features, l.attributes || jsonb_build_object('lead.source', l.source))
            ELSE l.attributes || jsonb_build_object('lead.source', l.source) END
  FROM leads_lead l
  LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, state, occurred_at
               FROM leads_outcome WHERE recorded_at <= %(now)s
              ORDER BY lead_id, recorded_at DESC, id DESC) o ON o.lead_id = l.id
  LEFT JOIN modeling_prediction p ON p.lead_id = l.id AND p.at <= %(now)s
 WHERE l.created_at <= %(now)s
 ORDER BY l.id,
       coalesce(p.heard_until >= least(o.occurred_at, l.matures_at), false),
       p.id %% 1000003 * 2654435761 %% 4294967296
"""
SPAM = 2  # 1 is booked, 0 everything else

# A row of LEADS in COPY's binary format: each field has its length before it, and only the JSON's varies.
HEAD = np.dtype(
    [("fields", ">i2"), ("id_size", ">i4"), ("id", "V16"), ("created_size", ">i4"), ("created_at", ">i8"),
     ("matures_size", ">i4"), ("matures_at", ">i8"), ("outcome_size", ">i4"), ("outcome_at", ">i8"),
     ("state_size", ">i4"), ("state", ">i2"), ("json_size", ">i4"), ("json_version", "u1")]
)  # fmt: skip
SIZE = HEAD.itemsize
HEADER, TRAILER = 19, 2  # bytes before the first row and in the last block
INFINITY = np.iinfo(np.int64).max
FROM_2000 = int(np.datetime64("2000-01-01", "us").astype(np.int64))  # Postgres counts from 2000


def read_dataset(*, now: datetime) -> Dataset:
    """All leads at `now` with their newest outcome recorded by then; `dropped` counts the others.

    Leads that wait for their outcome are among them: features that only the others have give the answer away.
    `Dataset.known_at(now)` leaves those that may be learned from.
    """
    return read(LEADS, {"now": now})


def read(leads: str, parameters: Mapping[str, object]) -> Dataset:
    """What a statement with the columns of LEADS finds."""
    columns, heads, dropped = Columns(), [np.empty(0, HEAD)], Counter(spam=0, unreadable=0)
    statement = f"COPY ({leads}) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        for piece in _pieces(copy):
            rows = np.frombuffer(b"".join([block[:SIZE] for block in piece]), HEAD)
            wanted = rows["state"] != SPAM
            snapshots = _parse([block[SIZE:] for block in compress(piece, wanted)])
            rows, readable = (
                rows[wanted],
                np.array([snapshot is not None for snapshot in snapshots], dtype=bool),
            )
            columns.add([snapshot for snapshot in snapshots if snapshot is not None])
            heads.append(rows[readable])
            dropped.update(spam=int(np.sum(~wanted)), unreadable=int(np.sum(~readable)))
    return _dataset(np.concatenate(heads), columns, dropped)


def _pieces(copy: Iterable[Block]) -> Iterator[list[Block]]:
    """The rows of a binary COPY, one block each, in groups of PIECE."""
    blocks = iter(copy)
    rows = chain([next(blocks)[HEADER:]], blocks)
    filled = (block for block in rows if len(block) > TRAILER)
    while piece := list(islice(filled, PIECE)):
        yield piece


def _parse(texts: list[Block]) -> list[Snapshot | None]:
    """The JSON objects of a piece; None for one that holds a number too large for a float."""
    try:
        found: list[Snapshot | None] = orjson.loads(b"[" + b",".join(texts) + b"]")
    except orjson.JSONDecodeError:
        return [_parse_one(text) for text in texts]
    return found


def _parse_one(text: Block) -> Snapshot | None:
    try:
        found: Snapshot = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found


def _dataset(rows: NDArray[np.void], columns: Columns, dropped: Mapping[str, int]) -> Dataset:
    return Dataset.ordered(
        ids=rows["id"],
        created_at=times(rows["created_at"]),
        matures_at=times(rows["matures_at"]),
        outcome_at=times(rows["outcome_at"]),
        converted=rows["state"].astype(np.int8),
        columns=columns.build(),
        dropped=dropped,
    )


def times(stamps: NDArray[np.int64]) -> Times:
    """Postgres's microseconds since 2000 as datetime64[us]; infinity is NaT."""
    times = (stamps.astype(np.int64) + FROM_2000).astype("datetime64[us]")
    times[stamps == INFINITY] = np.datetime64("NaT", "us")
    return times
