"""Columns into small integer codes: choosing bins on training leads, and coding any leads with them.

Imported by training processes only (numpy). Coding here equals `Scorecard.codes` row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modeling.dataset import Column, Dataset, Floats, Ints, Mask, sample_of
from modeling.features import CREATED_AT, DAY, Bins, FeatureSpec, parse_date

Codes = NDArray[np.uint8]

NUMBER_BINS = 32
CATEGORIES = 60
FEWEST_IN_CATEGORY = 10
SMOOTHING = 20.0  # pseudo-leads at the average rate when categories are put in order
SAMPLE = 100_000
LARGEST = 1e300  # as the artifact's schema has it


@dataclass(frozen=True, slots=True)
class Category:
    """One name with how often it came and how often it converted."""

    name: str | float | None
    leads: float
    converted: float


def numbers_of(spec: FeatureSpec, leads: Dataset) -> Floats | None:
    """The feature's numbers, NaN where there is none; None when it has no numbers at all."""
    created = leads.created_at.astype("datetime64[us]").astype(np.int64)
    if spec.input == CREATED_AT:
        return calendar(spec.transform, created)
    column = leads.columns.get(spec.input)
    if column is None:
        return None
    return column.numbers if spec.transform == "value" else _from_dates(spec.transform, column, created)


def words_of(spec: FeatureSpec, leads: Dataset) -> Column | None:
    """The feature's column when it holds words that are taken as names."""
    column = leads.columns.get(spec.input) if spec.transform == "value" else None
    return column if column is not None and column.codes is not None else None


def _from_dates(transform: str, column: Column, created: Ints) -> Floats | None:
    if column.codes is None:
        return None
    at, whole, parsed = parsed_dates(column)
    where = column.codes >= 0
    rows = column.codes[where]
    if transform == "days_ahead":
        days = at[rows] // DAY - created[where] // DAY
        made = np.where(whole[rows], days, (at[rows] - created[where]) / DAY)
    else:
        made = calendar(transform, at)[rows]
    numbers = np.full(len(created), np.nan)
    numbers[where] = np.where(parsed[rows], made, np.nan)
    return numbers


def parsed_dates(column: Column) -> tuple[Ints, Mask, Mask]:
    """For each word of the vocabulary: its microseconds, whether it is a whole day, whether it is a date."""
    moments = [parse_date(word) for word in column.vocabulary] or [None]
    at = np.array([0 if moment is None else moment.at for moment in moments], dtype=np.int64)
    whole = np.array([moment is not None and moment.whole_day for moment in moments], dtype=bool)
    parsed = np.array([moment is not None for moment in moments], dtype=bool)
    return at, whole, parsed


def calendar(transform: str, at: Ints) -> Floats:
    """Month, weekday or hour of moments in microseconds, as `features` has them."""
    if transform == "month":
        made = at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    elif transform == "weekday":
        made = (at // DAY + 3) % 7 + 1
    else:
        made = at % DAY // 3_600_000_000
    return np.asarray(made, dtype=np.float64)


def fit_bins(spec: FeatureSpec, leads: Dataset, *, as_names: bool = False) -> Bins:
    """The bins of one feature, chosen on training leads; `as_names`: its numbers are names (agent 240)."""
    numbers = numbers_of(spec, leads)
    words = words_of(spec, leads)
    categories = [] if words is None else _rated_words(words, leads.converted)
    edges = None
    if numbers is not None and as_names:
        categories += _rated_numbers(numbers, leads.converted)
    elif numbers is not None:
        edges = number_edges(numbers)
    return Bins(spec=spec, edges=edges, categories=_in_order(categories, leads.converted))


def number_edges(numbers: Floats, bins: int = NUMBER_BINS) -> tuple[float, ...]:
    """Lower edges of all number bins but the first: quantiles; very common values get bins of their own."""
    sample = numbers[sample_of(len(numbers), SAMPLE)]
    values, counts = np.unique(sample[np.abs(sample) < LARGEST], return_counts=True)
    if len(values) < 2:
        return ()
    if len(values) <= bins:
        return tuple(values[1:].tolist())
    share = np.cumsum(counts) / counts.sum()
    cuts = np.searchsorted(share, np.arange(1, bins) / bins) + 1
    common = np.flatnonzero(counts * bins > counts.sum())
    chosen = np.unique(np.concatenate([cuts, common, common + 1]))
    return tuple(values[chosen[(chosen > 0) & (chosen < len(values))]].tolist())


def _rated_words(column: Column, converted: NDArray[np.int8]) -> list[Category]:
    if column.codes is None or not column.vocabulary:
        return []
    known = column.codes >= 0
    size = len(column.vocabulary)
    leads = np.bincount(column.codes[known], minlength=size)
    hits = np.bincount(column.codes[known], weights=converted[known], minlength=size)
    seen = np.flatnonzero(leads)
    return [Category(column.vocabulary[k], float(leads[k]), float(hits[k])) for k in seen]


def _rated_numbers(numbers: Floats, converted: NDArray[np.int8]) -> list[Category]:
    known = np.abs(numbers) < LARGEST
    values, inverse, leads = np.unique(numbers[known], return_inverse=True, return_counts=True)
    hits = np.bincount(inverse, weights=converted[known], minlength=len(values))
    return [
        Category(value, float(n), float(k)) for value, n, k in zip(values.tolist(), leads, hits, strict=True)
    ]


def _in_order(categories: Sequence[Category], converted: NDArray[np.int8]) -> tuple[str | float | None, ...]:
    """The common names and one None for the rare, by smoothed rate, so that neighbours behave alike."""
    # ties are broken by name: the order of a vocabulary is chance, the digest must not be
    by_size = sorted(categories, key=lambda category: (-category.leads, str(category.name)))
    common = [category for category in by_size[:CATEGORIES] if category.leads >= FEWEST_IN_CATEGORY]
    rare = by_size[len(common) :]
    if rare:
        common.append(Category(None, sum(c.leads for c in rare), sum(c.converted for c in rare)))
    base = float(converted.mean()) if len(converted) else 0.0

    def rate(category: Category) -> float:
        return (category.converted + SMOOTHING * base) / (category.leads + SMOOTHING)

    return tuple(c.name for c in sorted(common, key=lambda c: (rate(c), str(c.name))))


def code(bins: Bins, leads: Dataset) -> Codes:
    """The bin of one feature for each lead."""
    numbers = numbers_of(bins.spec, leads)
    words = words_of(bins.spec, leads)
    codes = np.zeros(len(leads), dtype=np.uint8)
    if numbers is not None:
        known = ~np.isnan(numbers)
        codes[known] = _number_codes(bins, numbers[known])
    if words is not None and words.codes is not None and words.vocabulary:
        named = bins.named()
        lookup = np.array([named.get(word, bins.other) for word in words.vocabulary], dtype=np.uint8)
        known = words.codes >= 0
        codes[known] = lookup[words.codes[known]]
    return codes


def _number_codes(bins: Bins, numbers: Floats) -> Codes:
    if bins.edges is not None:
        codes = np.searchsorted(np.array(bins.edges), numbers, side="right") + 1
    else:
        codes = np.full(len(numbers), bins.other)
    named = {name: k for name, k in bins.named().items() if not isinstance(name, str)}
    if named:
        values = np.array(sorted(named))
        place = np.minimum(np.searchsorted(values, numbers), len(values) - 1)
        ranks = np.array([named[value] for value in values.tolist()])
        codes = np.where(values[place] == numbers, ranks[place], codes)
    return codes.astype(np.uint8)


def code_all(bins: Sequence[Bins], leads: Dataset) -> Codes:
    """uint8[n, features], column by column in memory."""
    codes = np.empty((len(leads), len(bins)), dtype=np.uint8, order="F")
    for k, feature in enumerate(bins):
        codes[:, k] = code(feature, leads)
    return codes


def whole_numbers(spec: FeatureSpec, leads: Dataset) -> bool:
    """Whether all of a feature's numbers are whole, so that its ranges may be said as "14 to 29"."""
    numbers = numbers_of(spec, leads)
    if numbers is None:
        return False
    sample = numbers[sample_of(len(numbers), SAMPLE)]
    sample = sample[np.isfinite(sample)]
    return bool(len(sample)) and bool(np.all(sample == np.floor(sample)))
