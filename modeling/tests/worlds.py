"""Made-up histories with a known truth: what the learning tests learn from."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from modeling.dataset import Column, Dataset

START = datetime(2025, 1, 1, tzinfo=UTC)
CHANNELS = ["ads", "fair", "partner", "search"]
LIKING = np.array([-0.8, 0.0, 1.2, -0.2])


@dataclass(frozen=True)
class World:
    """Leads and the chance each really had."""

    leads: Dataset
    truth: np.ndarray

    @property
    def end(self) -> datetime:
        """When the last lead has matured."""
        return START + timedelta(days=400)


def world(
    n: int = 3000,
    *,
    seed: int = 1,
    signal: float = 1.0,
    flips_at: float | None = None,
    extra: dict[str, Column] | None = None,
) -> World:
    """Leads over 300 days that mature after 20. Partners with visits book; from `flips_at` on (a share of
    the history) ads do and partners do not. `signal` 0 makes it noise.
    """
    rng = np.random.default_rng(seed)
    channel = rng.integers(0, len(CHANNELS), n)
    visits = rng.poisson(3, n).astype(np.float64)
    budget = np.where(rng.random(n) < 0.2, np.nan, rng.gamma(2.0, 500.0, n))
    liking = np.tile(LIKING, (n, 1))
    if flips_at is not None:
        liking[int(n * flips_at) :] = LIKING[::-1] * 1.5
    rich = np.nan_to_num(budget, nan=0.0) > 1000
    logit = -1.0 + signal * (liking[np.arange(n), channel] + 0.35 * (visits - 3) + 0.8 * rich)
    truth = 1 / (1 + np.exp(-logit))
    converted = (rng.random(n) < truth).astype(np.int8)
    columns = {
        "channel": words([CHANNELS[k] for k in channel]),
        "visits": Column(numbers=visits),
        "budget": Column(numbers=budget),
        "noise": Column(numbers=rng.normal(size=n)),
        **(extra or {}),
    }
    return World(_dataset(n, rng, converted, columns), truth)


def _dataset(n: int, rng: np.random.Generator, converted: np.ndarray, columns: dict[str, Column]) -> Dataset:
    days = np.sort(rng.random(n)) * 300
    created = np.datetime64(START.replace(tzinfo=None), "us") + (days * 86_400).astype("timedelta64[s]")
    matures = created + np.timedelta64(20, "D")
    heard = created + (rng.random(n) * 19 * 86_400).astype("timedelta64[s]")
    return Dataset.ordered(
        ids=np.array([f"lead-{k}" for k in range(n)], dtype=object),
        created_at=created,
        matures_at=matures,
        outcome_at=np.where(converted == 1, heard, np.datetime64("NaT", "us")),
        converted=converted,
        columns=columns,
    )


def words(values: list[str | None]) -> Column:
    """A column of names, None where there is none."""
    vocabulary = sorted({value for value in values if value is not None})
    place = {word: k for k, word in enumerate(vocabulary)}
    codes = np.array([-1 if value is None else place[value] for value in values], dtype=np.int32)
    return Column(codes=codes, vocabulary=vocabulary)


def row(leads: Dataset, k: int) -> dict[str, str | float | None]:
    """One lead as the API would send it."""
    found: dict[str, str | float | None] = {}
    for name, column in leads.columns.items():
        number = np.nan if column.numbers is None else column.numbers[k]
        if not np.isnan(number):
            found[name] = float(number)
        elif column.codes is not None and column.codes[k] >= 0:
            found[name] = column.vocabulary[column.codes[k]]
        else:
            found[name] = None
    return found


def moment(leads: Dataset, k: int) -> datetime:
    """When the k-th lead came in."""
    micro = int(leads.created_at[k].astype("datetime64[us]").astype(np.int64))
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro)
