"""Which attributes can be features, and as what; every one left out gets its reason."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from modeling.binning import parsed_dates
from modeling.dataset import Column, Dataset, sample_of
from modeling.features import FeatureSpec, created_spec, date_specs

FEWEST_FILLED = 10
SMALLEST_SHARE = 0.002
NEARLY_ALL = 0.95
NAMES_EACH = 3  # words with fewer leads a value than this on average are identifiers or free text
FEW_VALUES = 50
SAMPLE = 100_000
NAMES_SAMPLE = 30_000
NAMES_FROM = 12  # different values; fewer have a bin each in any case
NAMES_GAIN = 0.01  # AUC of the feature alone


@dataclass(frozen=True, slots=True)
class Rule:
    """What a person decided about one feature."""

    use: str = "auto"  # or "allow", "ban"
    direction: str = "free"  # or "increasing", "decreasing"
    phrase: str = ""


@dataclass(frozen=True)
class Selection:
    """The features to learn from, and why others are left out, by name."""

    specs: tuple[FeatureSpec, ...]
    left_out: dict[str, str]

    def without(self, reasons: Mapping[str, str]) -> "Selection":
        """The same less some features (by their own name or their attribute's)."""
        kept = tuple(s for s in self.specs if s.name not in reasons and s.input not in reasons)
        return Selection(kept, {**self.left_out, **reasons})


def select(leads: Dataset, rules: Mapping[str, Rule]) -> Selection:
    """Look at every attribute of the training leads, and at the moment they came in."""
    specs: list[FeatureSpec] = []
    left_out: dict[str, str] = {}
    for name in sorted(leads.columns):
        use = rules[name].use if name in rules else "auto"
        column = leads.columns[name]
        reason = "banned by a person" if use == "ban" else unusable(name, column, leads)
        if reason and (use != "allow" or _hopeless(column, len(leads))):
            left_out[name] = reason
        else:
            specs += date_specs(name) if holds_dates(column) else [FeatureSpec(name, name)]
    # an attribute called "visit.month" goes before the month made from the date "visit"
    taken = {spec.name for spec in specs if spec.transform == "value"}
    made = [spec for spec in specs if spec.transform != "value"] + _of_arrival(leads)
    specs = [spec for spec in specs if spec.transform == "value"]
    specs += [spec for spec in made if spec.name not in taken]
    banned = {s.name: "banned by a person" for s in specs if s.name in rules and rules[s.name].use == "ban"}
    return Selection(tuple(specs), left_out).without(banned)


def _of_arrival(leads: Dataset) -> list[FeatureSpec]:
    """Hour and weekday of arrival, where the leads' times have any."""
    created = leads.created_at
    days = created.astype("datetime64[D]")
    specs = [] if bool(np.all(created == days)) else [created_spec("hour")]
    return specs + ([created_spec("weekday")] if len(np.unique(days)) >= 14 else [])


def _hopeless(column: Column, n: int) -> bool:
    return not bool(column.present(n).any())


def unusable(name: str, column: Column, leads: Dataset) -> str:
    """Why an attribute cannot be a feature; empty when it can."""
    n = len(leads)
    filled = column.present(n)
    present = int(filled.sum())
    if present < max(FEWEST_FILLED, SMALLEST_SHARE * n):
        return f"almost empty: {present:,} of {n:,} leads have it"
    values = distinct(column)
    if values == 1 and present == n:
        return "the same for every lead"
    if column.codes is not None and not holds_dates(column):
        words = int(np.sum(column.codes >= 0))
        different = len(np.unique(column.codes)) - int(words < n)
        if different > FEW_VALUES and words < NAMES_EACH * different:
            return f"{different:,} different words in {words:,} leads: an identifier or free text"
    if _counts_up(name, column, present, values):
        return f"{values:,} different numbers in {present:,} leads: an identifier"
    return ""


def distinct(column: Column) -> int:
    """How many different values stand in a column."""
    values = 0
    if column.numbers is not None:
        values += len(np.unique(column.numbers[~np.isnan(column.numbers)]))
    if column.codes is not None:
        values += len(np.unique(column.codes[column.codes >= 0]))
    return values


def numbers_as_names(
    specs: Iterable[FeatureSpec], leads: Dataset, separation: Callable[..., float]
) -> frozenset[str]:
    """Whole numbers that tell more as names than by size: agent 240, product 17."""
    sample = leads.sampled(NAMES_SAMPLE)
    return frozenset(
        spec.name
        for spec in specs
        if spec.transform == "value"
        and _many_whole(leads.columns.get(spec.input))
        and separation(spec, sample, as_names=True) > separation(spec, sample) + NAMES_GAIN
    )


def _many_whole(column: Column | None) -> bool:
    if column is None or column.numbers is None:
        return False
    numbers = column.numbers[sample_of(len(column.numbers), SAMPLE)]
    numbers = numbers[np.isfinite(numbers)]
    return bool(np.all(numbers == np.floor(numbers))) and len(np.unique(numbers)) > NAMES_FROM


def _counts_up(name: str, column: Column, present: int, values: int) -> bool:
    """Whole numbers, nearly all different, that grow with arrival or are called an id."""
    if column.numbers is None or values <= FEW_VALUES or values < NEARLY_ALL * present:
        return False
    numbers = column.numbers[~np.isnan(column.numbers)][sample_of(present, SAMPLE)]
    if not bool(np.all(numbers == np.floor(numbers))):
        return False
    ending = name.lower().replace("-", "_").rsplit("_", 1)[-1]
    rises = float(np.mean(np.diff(numbers) > 0)) if len(numbers) > 1 else 0.0
    return ending in ("id", "uuid", "key", "number", "seq") or rises > NEARLY_ALL or rises < 1 - NEARLY_ALL


def holds_dates(column: Column) -> bool:
    """Whether nearly all words of the column are ISO dates."""
    if column.codes is None or not column.vocabulary:
        return False
    rows = column.codes[sample_of(len(column.codes), SAMPLE)]
    rows = rows[rows >= 0]
    if len(rows) == 0:
        return False
    used = np.unique(rows[:: max(1, len(rows) // 200)])
    probe = Column(codes=rows, vocabulary=[column.vocabulary[k] for k in used])
    return float(parsed_dates(probe)[2].mean()) >= NEARLY_ALL
