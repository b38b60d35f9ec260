"""Made-up histories with a known pattern, as files and as Datasets."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from leads.csvfile import ColumnMap, History
from modeling.dataset import Dataset
from modeling.history import record

START = datetime(2025, 1, 1, tzinfo=UTC)
MIDDLE = 7.4  # half of the sizes are larger
HEADER = ["key", "came", "settled", "ended", "how", "channel", "size", "closed_by"]
FLAGS = ["--id", "key", "--created-at", "came", "--matures-at", "settled", "--outcome", "how",
         "--outcome-at", "ended"]  # fmt: skip


def rows(count=3600, days=240, seed=3):
    """First partners book, later the large ones do. `closed_by` is written on a booking."""
    random = np.random.default_rng(seed)
    for k in range(count):
        day = days * k / count
        came = START + timedelta(days=day)
        partner, size = bool(random.random() < 0.5), float(np.round(random.lognormal(2, 1), 2))
        good = partner if day < days / 3 else size > MIDDLE
        booked = random.random() < (0.8 if good else 0.1)
        ended = came + timedelta(days=float(random.uniform(1, 9)))
        yield [f"lead {k}", came, came + timedelta(days=10), ended, "won" if booked else "lost",
               "partner" if partner else "web", size, f"rep {k % 3}" if booked else ""]  # fmt: skip


def written(path: Path, made=None) -> Path:
    """The rows as a CSV file."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for row in made if made is not None else rows():
            out.writerow(
                [f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else cell for cell in row]
            )
    return path


def dataset(path: Path) -> Dataset:
    """The file as training reads it, less the column that gives the answer away."""
    columns = ColumnMap(
        id="key", created_at="came", matures_at="settled", outcome="how", outcome_at="ended",
        ignore=frozenset({"closed_by"}),
    )  # fmt: skip
    return record(History(path, columns, horizon=timedelta(days=30))).leads
