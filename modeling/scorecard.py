"""The model we serve: an additive scorecard in plain Python, microseconds a row, with exact reasons.

    log-odds = base + Σ table_f[bin(f)] + Σ table_fg[bin(f)][bin(g)]

Knows nothing of numpy or scikit-learn: web processes import this module.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import exp
from typing import Literal

from modeling.features import Bins, Value, as_category, microseconds, read
from modeling.wording import Wording, worded

Grade = Literal["A", "B", "C", "D"]
Level = Literal["strong", "fair", "thin"]

REASONS_EACH_WAY = 3
NOTICEABLE = 0.005  # log-odds; a smaller effect is no reason


@dataclass(frozen=True, slots=True)
class Term:
    """One feature of a card: its bins, the log-odds of each bin, and how many past leads fell into each."""

    bins: Bins
    table: tuple[float, ...]
    support: tuple[int, ...]
    integer: bool = False
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """What two features say together beyond what each says alone; `first` and `second` index the terms."""

    first: int
    second: int
    table: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """The numbers of a scorecard. `grades` are the lowest probabilities that earn an A, a B and a C."""

    base: float
    terms: tuple[Term, ...]
    pairs: tuple[Pair, ...]
    grades: tuple[float, float, float]
    n_train: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature's exact share of the log-odds, in words, with the past leads that stand behind it."""

    feature: str
    value: Value
    effect: float
    text: str
    support: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much data stands behind a score: all leads learned from, and the fewest behind any reason."""

    leads: int
    similar: int
    level: Level


@dataclass(frozen=True, slots=True)
class Score:
    """A probability with what explains it: reasons for and against, each strongest first."""

    probability: float
    grade: Grade
    reasons: tuple[Reason, ...]
    evidence: Evidence


def sigmoid(z: float) -> float:
    """The logistic function, for any finite z."""
    if z >= 0:
        return 1.0 / (1.0 + exp(-z)) if z < 700 else 1.0
    if z <= -700:
        return 0.0
    odds = exp(z)
    return odds / (1.0 + odds)


class Scorecard:
    """A card made ready for scoring. Unknown, missing and odd values fall into bin 0 and never raise.

    `version` is the unix second the registry knows it by; the artifact itself holds no clock, so whoever
    loads one says which version it is.
    """

    def __init__(
        self,
        card: Card,
        *,
        auc: float | None = None,
        version: int = 0,
        judged: Card | None = None,
    ) -> None:
        self.card = card
        self.auc = auc
        self.version = version
        self.n_train = card.n_train
        self.features = tuple(term.bins.spec.name for term in card.terms)
        self._judged = judged
        self._numbers = _number_plan(card)
        self._names = _name_plan(card)
        self._derived = _derived_plan(card)
        self._tables = [term.table for term in card.terms]
        self._pairs = [(pair.first, pair.second, pair.table) for pair in card.pairs]
        self._wordings = [Wording(term.bins, term.integer, term.phrase) for term in card.terms]
        self._texts: dict[tuple[int, int], str] = {}

    @cached_property
    def judged(self) -> "Scorecard | None":
        """The card fitted without the hold-out leads, kept so that the next gate can be fair to both."""
        return None if self._judged is None else Scorecard(self._judged, auc=self.auc, version=self.version)

    def codes(self, snapshot: Mapping[str, Value], created_at: datetime) -> list[int]:
        """The bin of every feature."""
        codes = [0] * len(self._tables)
        get = snapshot.get
        for k, name, edges in self._numbers:
            value = get(name)
            kind = type(value)
            # exact types keep booleans and text out; NaN is the one number unequal to itself
            if (kind is float or kind is int) and value == value:
                codes[k] = bisect_right(edges, value) + 1  # type: ignore[type-var]
        for k, name, named, numbers, other in self._names:
            value = get(name)
            if value is not None:
                codes[k] = _name_code(value, named, numbers, other)
        if self._derived:
            self._code_derived(codes, snapshot, created_at)
        return codes

    def _code_derived(self, codes: list[int], snapshot: Mapping[str, Value], created_at: datetime) -> None:
        created = microseconds(created_at)
        for k, bins in self._derived:
            number = read(bins.spec, snapshot, created)
            if isinstance(number, float):
                codes[k] = bisect_right(bins.edges or (), number) + 1

    def logit(self, snapshot: Mapping[str, Value], created_at: datetime) -> float:
        """The log-odds of converting."""
        return self._sum(self.codes(snapshot, created_at))

    def _sum(self, codes: list[int]) -> float:
        total = self.card.base
        for table, code in zip(self._tables, codes, strict=True):
            total += table[code]
        for first, second, grid in self._pairs:
            total += grid[codes[first]][codes[second]]
        return total

    def probability(self, snapshot: Mapping[str, Value], created_at: datetime) -> float:
        """How likely the lead converts."""
        return sigmoid(self._sum(self.codes(snapshot, created_at)))

    def effects(self, codes: list[int]) -> list[float]:
        """Each feature's share of the log-odds; with the base they add up to it exactly.

        What a pair says is halved between its two features. Pair tables are centred over the training
        leads, so the half is the Shapley value of the interaction.
        """
        effects = [table[code] for table, code in zip(self._tables, codes, strict=True)]
        for first, second, table in self._pairs:
            half = table[codes[first]][codes[second]] / 2
            effects[first] += half
            effects[second] += half
        return effects

    def score(self, snapshot: Mapping[str, Value], created_at: datetime) -> Score:
        """The probability with grade, reasons and evidence."""
        codes = self.codes(snapshot, created_at)
        probability = sigmoid(self._sum(codes))
        reasons = self._reasons(codes, snapshot, created_at)
        return Score(probability, self.grade(probability), reasons, self._evidence(reasons))

    def grade(self, probability: float) -> Grade:
        """A for the best fifth of the training leads' scores, then B 30 %, C 30 %, D the rest."""
        best, good, fair = self.card.grades
        if probability >= best:
            return "A"
        if probability >= good:
            return "B"
        return "C" if probability >= fair else "D"

    def _reasons(
        self, codes: list[int], snapshot: Mapping[str, Value], created_at: datetime
    ) -> tuple[Reason, ...]:
        effects = self.effects(codes)
        order = sorted(range(len(effects)), key=effects.__getitem__)
        against = [k for k in order[:REASONS_EACH_WAY] if effects[k] < -NOTICEABLE]
        favour = [k for k in reversed(order[-REASONS_EACH_WAY:]) if effects[k] > NOTICEABLE]
        created = microseconds(created_at)
        return tuple(
            self._reason(k, codes[k], effects[k], read(self.card.terms[k].bins.spec, snapshot, created))
            for k in favour + against
        )

    def _reason(self, k: int, code: int, effect: float, value: object) -> Reason:
        term = self.card.terms[k]
        support = term.support[code]
        plain = value if value is None or isinstance(value, str | float | int) else str(value)
        text = self._texts.get((k, code)) or self._text(k, code, value)
        return Reason(feature=term.bins.spec.name, value=plain, effect=effect, text=text, support=support)

    def _text(self, k: int, code: int, value: object) -> str:
        """Wording takes longer than scoring, so a bin's text is kept; bin 0 and `other` quote the value."""
        term = self.card.terms[k]
        text = worded(self._wordings[k], code=code, value=value, support=term.support[code])
        if code not in (0, term.bins.other):
            self._texts[k, code] = text
        return text

    def _evidence(self, reasons: tuple[Reason, ...]) -> Evidence:
        similar = min((reason.support for reason in reasons), default=self.n_train)
        return Evidence(leads=self.n_train, similar=similar, level=_level(self.n_train, similar))


def _level(leads: int, similar: int) -> Level:
    if leads >= 1000 and similar >= 100:
        return "strong"
    return "fair" if leads >= 200 and similar >= 20 else "thin"


def _name_code(
    value: object, named: Mapping[object, int], edges: tuple[float, ...] | None, other: int
) -> int:
    value = as_category(value)
    try:
        code = named.get(value)
    except TypeError:  # a list or an object, which no lead should carry
        return 0
    if code is not None:
        return code
    if isinstance(value, float | int):
        if value != value:
            return 0
        return other if edges is None else bisect_right(edges, value) + 1
    return other


def _is_plain_number(bins: Bins) -> bool:
    return bins.spec.transform == "value" and bins.edges is not None and not bins.categories


def _number_plan(card: Card) -> list[tuple[int, str, tuple[float, ...]]]:
    return [
        (k, term.bins.spec.input, term.bins.edges or ())
        for k, term in enumerate(card.terms)
        if _is_plain_number(term.bins)
    ]


def _name_plan(
    card: Card,
) -> list[tuple[int, str, dict[object, int], tuple[float, ...] | None, int]]:
    return [
        (
            k,
            term.bins.spec.input,
            dict[object, int](term.bins.named().items()),
            term.bins.edges,
            term.bins.other,
        )
        for k, term in enumerate(card.terms)
        if term.bins.spec.transform == "value" and not _is_plain_number(term.bins)
    ]


def _derived_plan(card: Card) -> list[tuple[int, Bins]]:
    return [(k, term.bins) for k, term in enumerate(card.terms) if term.bins.spec.transform != "value"]
