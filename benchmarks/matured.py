"""Matured leads by COPY, the same rows for the same seed: the load of the training benchmark."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import orjson
from django.db import connection

START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN_DAYS = 600
CHUNK = 20_000
SOURCES = ("web", "partner", "phone", "fair", "referral")
NUMBERS, CATEGORIES = 12, 6

LEADS = """COPY leads_lead (id, source, attributes, timezone, created_at, recorded_at, matures_at, grade)
           FROM STDIN"""
OUTCOMES = "COPY leads_outcome (lead_id, state, occurred_at, recorded_at, source, note) FROM STDIN"
PREDICTIONS = "COPY modeling_prediction (lead_id, grade, features, at) FROM STDIN"

Row = tuple[UUID, dict[str, object], datetime, str, datetime]


def rows(*, count: int, seed: int) -> Iterator[list[Row]]:
    """Chunks of leads: 12 numbers, 6 categories, a flag, a date, and how each ended."""
    random = np.random.default_rng(seed)
    seconds = np.sort(random.uniform(0, SPAN_DAYS * 86_400, count))
    for first in range(0, count, CHUNK):
        yield _chunk(random, seconds[first : first + CHUNK])


def _chunk(random: np.random.Generator, seconds: np.ndarray) -> list[Row]:
    size = len(seconds)
    numbers = np.round(random.lognormal(2, 1, (size, NUMBERS)), 2)
    categories = np.minimum(random.geometric(0.15, (size, CATEGORIES)), 40)
    flag = random.random(size) < 0.3
    days_ahead = random.integers(1, 90, size)
    logit = (
        0.5 * np.log(numbers[:, 0]) - 0.3 * np.log1p(numbers[:, 1]) + 0.2 * (categories[:, 0] % 5)
        + 0.6 * flag * (categories[:, 1] > 4) - 0.01 * days_ahead - 1.5
    )  # fmt: skip
    booked = random.random(size) < 1 / (1 + np.exp(-logit))
    delay = random.exponential(4, size)
    sources = random.integers(0, len(SOURCES), size)
    ids = random.bytes(16 * size)
    made = []
    for i in range(size):
        created_at = START + timedelta(seconds=float(seconds[i]))
        snapshot: dict[str, object] = {f"number_{j}": value for j, value in enumerate(numbers[i].tolist())}
        snapshot |= {f"category_{j}": f"value {value}" for j, value in enumerate(categories[i].tolist())}
        snapshot["returning"] = bool(flag[i])
        snapshot["starts_on"] = f"{created_at + timedelta(days=int(days_ahead[i])):%Y-%m-%d}"
        snapshot["lead.source"] = SOURCES[sources[i]]
        state = "booked" if booked[i] else "spam" if delay[i] > 20 else "ghosted"
        occurred_at = created_at + timedelta(days=min(float(delay[i]), 29))
        made.append((_uuid7(created_at, ids[16 * i : 16 * i + 16]), snapshot, created_at, state, occurred_at))
    return made


def _uuid7(at: datetime, noise: bytes) -> UUID:
    time = int(at.timestamp() * 1000).to_bytes(6, "big")
    version, variant = bytes([0x70 | noise[6] & 0x0F]), bytes([0x80 | noise[8] & 0x3F])
    return UUID(bytes=time + version + noise[7:8] + variant + noise[9:])


def load(*, count: int, seed: int) -> None:
    """Add `count` matured leads, each with an outcome and the prediction made at its arrival."""
    with connection.cursor() as cursor:
        for chunk in rows(count=count, seed=seed):
            _copy(cursor, chunk)
        for table in ("leads_lead", "leads_outcome", "modeling_prediction"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _copy(cursor: Any, chunk: list[Row]) -> None:
    leads, outcomes, predictions = [], [], []
    for lead, snapshot, created_at, state, occurred_at in chunk:
        attributes = {name: value for name, value in snapshot.items() if name != "lead.source"}
        json = orjson.dumps(snapshot).decode()
        matures_at = created_at + timedelta(days=30)
        leads.append((lead, snapshot["lead.source"], orjson.dumps(attributes).decode(), "UTC", created_at,
                      created_at, matures_at, ""))  # fmt: skip
        outcomes.append((lead, state, occurred_at, occurred_at, "api", ""))
        predictions.append((lead, "", json, created_at))
    for statement, records in ((LEADS, leads), (OUTCOMES, outcomes), (PREDICTIONS, predictions)):
        with cursor.copy(statement) as copy:
            for record in records:
                copy.write_row(record)
