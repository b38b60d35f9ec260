"""A scorecard as canonical JSON bytes, and the only way back from bytes to a scorecard.

Bytes come from a database, a disk or a stranger's file: everything is checked before it is used, nothing in
them is executed, every failure is an ArtifactError. They hold no clock: same data, same seed, same digest.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256 as sha256_of
from hmac import compare_digest
from typing import Any

import orjson

from modeling.features import Bins, FeatureSpec, Value
from modeling.schema import SchemaError, checked
from modeling.scorecard import Card, Pair, Scorecard, Term

SCHEMA_VERSION = 1
LARGEST = 16_000_000  # bytes
GOLDEN_VECTORS = 8
GOLDEN_TOLERANCE = 1e-9
GOLDEN_MOMENT = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)


class ArtifactError(Exception):
    """The bytes are not a scorecard that may be served. The message says why."""


def dump(document: Mapping[str, Any]) -> bytes:
    """The one canonical spelling of a document: sorted keys, no spaces, shortest numbers."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """The SHA-256 of an artifact, in hexadecimal."""
    return sha256_of(data).hexdigest()


def load(data: bytes, sha256: str | None = None, *, version: int = 0) -> Scorecard:
    """The scorecard in `data`, verified; `version` is what the registry calls it. Raises ArtifactError."""
    document = parse(data, sha256)
    try:
        checked(document)
        scorecard = Scorecard(
            card_of(document["card"]),
            auc=document["auc"],
            version=version,
            judged=None if document["judged"] is None else card_of(document["judged"]),
        )
        _reproduce(scorecard, document["golden"])
    except SchemaError as error:
        raise ArtifactError(f"not a scorecard: {error}") from error
    return scorecard


def parse(data: bytes, sha256: str | None = None) -> dict[str, Any]:
    """The document in `data`: small enough, with the right digest, and in its canonical spelling."""
    if len(data) > LARGEST:
        raise ArtifactError(f"larger than {LARGEST:,} bytes")
    if sha256 is not None and not compare_digest(digest(data).encode(), sha256.encode()):
        raise ArtifactError("the digest does not match the bytes")
    try:
        document = orjson.loads(data)
        # one spelling only: duplicate keys, spaces and huge integers do not survive the round trip
        canonical = isinstance(document, dict) and dump(document) == bytes(data)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError) as error:
        raise ArtifactError(f"not JSON: {error}") from error
    if not canonical:
        raise ArtifactError("not canonical JSON of one object")
    if document.get("schema") != SCHEMA_VERSION:
        raise ArtifactError(f"schema {document.get('schema')!r} is not {SCHEMA_VERSION}")
    return dict(document)


def card_of(document: Mapping[str, Any]) -> Card:
    """A card from its checked JSON form."""
    return Card(
        base=document["base"],
        terms=tuple(_term_of(term) for term in document["terms"]),
        pairs=tuple(
            Pair(pair["first"], pair["second"], tuple(tuple(row) for row in pair["table"]))
            for pair in document["pairs"]
        ),
        grades=tuple(document["grades"]),
        n_train=document["n_train"],
    )


def _term_of(term: Mapping[str, Any]) -> Term:
    edges = term["bins"]["edges"]
    bins = Bins(
        spec=FeatureSpec(**term["bins"]["spec"]),
        edges=None if edges is None else tuple(edges),
        categories=tuple(term["bins"]["categories"]),
    )
    return Term(
        bins=bins,
        table=tuple(term["table"]),
        support=tuple(term["support"]),
        integer=term["integer"],
        phrase=term["phrase"],
    )


def document_of(
    *,
    card: Card,
    judged: Card | None,
    auc: float | None,
    metrics: Mapping[str, Any],
    recipe: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole document, golden vectors included. `metrics` and `recipe` hold plain JSON values."""
    return {
        "schema": SCHEMA_VERSION,
        "auc": auc,
        "card": asdict(card),
        "judged": None if judged is None else asdict(judged),
        "metrics": dict(metrics),
        "recipe": dict(recipe),
        "golden": golden_vectors(Scorecard(card)),
    }


def golden_vectors(scorecard: Scorecard) -> list[dict[str, Any]]:
    """Made-up leads with their expected log-odds. They visit the bins in turn and are nobody's data."""
    return [
        {"features": lead, "logit": scorecard.logit(lead, GOLDEN_MOMENT)}
        for lead in (_made_up(scorecard.card, turn) for turn in range(GOLDEN_VECTORS))
    ]


def _made_up(card: Card, turn: int) -> dict[str, Value]:
    lead: dict[str, Value] = {}
    for k, term in enumerate(card.terms):
        bins = term.bins
        if bins.spec.transform != "value":
            lead[bins.spec.input] = f"2026-{1 + (turn + k) % 12:02d}-{1 + 3 * turn:02d}"
        else:
            lead[bins.spec.input] = _value_in(bins, (turn * 5 + k) % bins.size)
    return lead


def _value_in(bins: Bins, code: int) -> Value:
    if code >= bins.first_category:
        return bins.categories[code - bins.first_category]
    if not bins.edges or code == 0:
        return None
    return bins.edges[0] - 1.0 if code == 1 else bins.edges[code - 2]


def _reproduce(scorecard: Scorecard, golden: list[Mapping[str, Any]]) -> None:
    for number, vector in enumerate(golden):
        got = scorecard.logit(vector["features"], GOLDEN_MOMENT)
        if not abs(got - vector["logit"]) <= GOLDEN_TOLERANCE:
            raise ArtifactError(f"golden vector {number} gives {got!r} instead of {vector['logit']!r}")
