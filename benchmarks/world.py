"""The lead and the scorecard every contender answers for: five numbers, five categories, twelve pairs."""

import random
from datetime import UTC, datetime
from itertools import combinations

from modeling import artifact
from modeling.features import Bins, FeatureSpec, Value
from modeling.scorecard import Card, Pair, Term

SEED = 7
NUMBERS = ("lead_time", "nights", "adults", "previous_stays", "requests")
CATEGORIES = ("country", "segment", "channel", "meal", "customer_type")
EDGES = tuple(float(edge) for edge in range(2, 60, 4))
PAIRS = 12
LEAD: dict[str, Value] = {
    "lead_time": 27, "nights": 3.0, "adults": 2, "previous_stays": 0, "requests": 1.5,
    "country": "country-3", "segment": "segment-1", "channel": "channel-4", "meal": "meal-2",
    "customer_type": "customer_type-5",
}  # fmt: skip
MESSAGE = (  # 180 characters, as chat messages are
    "Hi, this is Sarah Miller. How much would a new kitchen cost for a flat with three rooms? It is quite "
    "urgent, please call me back on (415) 555-0134 or write to sarah.m@example.org"
)
CREATED_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
N_TRAIN = 20_000


def card() -> Card:
    """A scorecard of random tables, the same in every run."""
    chance = random.Random(SEED)  # noqa: S311 - made-up numbers, no secret
    terms = tuple(_term(name, chance) for name in (*NUMBERS, *CATEGORIES))
    pairs = tuple(
        _pair(first, second, terms, chance) for first, second in list(combinations(range(10), 2))[::3][:PAIRS]
    )
    return Card(base=-1.0, terms=terms, pairs=pairs, grades=(0.6, 0.4, 0.2), n_train=N_TRAIN)


def artifact_bytes() -> bytes:
    """The same as a version is archived."""
    document = artifact.document_of(card=card(), judged=None, auc=0.78, metrics={}, recipe={})
    return artifact.dump(document)


def _term(name: str, chance: random.Random) -> Term:
    spec = FeatureSpec(name, name)
    if name in NUMBERS:
        bins = Bins(spec, EDGES)
    else:
        bins = Bins(spec, None, (*(f"{name}-{number}" for number in range(12)), None))
    table = tuple(chance.uniform(-1, 1) for _ in range(bins.size))
    support = tuple(chance.randrange(100, 3000) for _ in range(bins.size))
    return Term(bins, table, support, integer=name in NUMBERS)


def _pair(first: int, second: int, terms: tuple[Term, ...], chance: random.Random) -> Pair:
    height, width = terms[first].bins.size, terms[second].bins.size
    rows = tuple(tuple(chance.uniform(-0.2, 0.2) for _ in range(width)) for _ in range(height))
    return Pair(first, second, rows)
