"""The three models as canonical JSON, and the only way back from bytes: nothing in them is executed.

Bytes come from the repository or a database row: everything is checked before it is used, every failure is a
ModelError. They hold no clock: same texts, same seed, same digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256 as sha256_of
from hmac import compare_digest
from math import isfinite
from typing import Any

import orjson

from leads.signals import Intent, Sentiment, Urgency
from leads.understanding.linear import LARGEST_WEIGHT, Linear, Row, packed

SCHEMA = 1
LARGEST = 6_000_000  # bytes
MOST_ROWS = 60_000
LONGEST_GRAM = 64
LARGEST_LENGTH = 100_000  # hundredths: an n-gram that one of a thousand billions of texts has
LARGEST_SCALE = 1_000.0
LABELS = {
    "intent": tuple(intent.value for intent in Intent),
    "sentiment": tuple(sentiment.value for sentiment in Sentiment),
    "urgency": tuple(urgency.value for urgency in Urgency),
}
TOP = {"schema", "parts", "source"}
PART = {"labels", "bias", "scale", "sharpness", "words", "chars"}


class ModelError(Exception):
    """The bytes are not models that may judge messages. The message says why."""


@dataclass(frozen=True, slots=True)
class Models:
    """What judges a message; `version` is the beginning of the digest."""

    intent: Linear
    sentiment: Linear
    urgency: Linear
    version: str


def dump(document: Mapping[str, Any]) -> bytes:
    """The one canonical spelling of a document: sorted keys, no spaces, shortest numbers."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """The SHA-256 of a document, in hexadecimal."""
    return sha256_of(data).hexdigest()


def load(data: bytes, sha256: str) -> Models:
    """The models in `data`, verified. Raises ModelError."""
    document = parse(data, sha256)
    parts = {name: linear_of(document["parts"][name], name) for name in LABELS}
    return Models(**parts, version=sha256[:12])


def parse(data: bytes, sha256: str) -> dict[str, Any]:
    """The document in `data`: small enough, with the right digest, canonical, with the keys it must have."""
    if len(data) > LARGEST:
        raise ModelError(f"larger than {LARGEST:,} bytes")
    if not compare_digest(digest(data).encode(), sha256.encode()):
        raise ModelError("the digest does not match the bytes")
    try:
        document = orjson.loads(data)
        # one spelling only: duplicate keys, spaces and huge integers do not survive the round trip
        canonical = isinstance(document, dict) and dump(document) == bytes(data)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError) as error:
        raise ModelError(f"not JSON: {error}") from error
    _expect(canonical, "document", "must be canonical JSON of one object")
    _keys(document, TOP, "document")
    _expect(document["schema"] == SCHEMA, "schema", f"must be {SCHEMA}")
    _expect(isinstance(document["source"], dict), "source", "must be an object")
    _keys(document["parts"], set(LABELS), "parts")
    return dict(document)


def linear_of(part: Any, name: str) -> Linear:
    """A model from its JSON form, checked."""
    _keys(part, PART, name)
    labels = LABELS[name]
    _expect(part["labels"] == list(labels), f"{name}.labels", f"must be {list(labels)}")
    bias = part["bias"]
    _expect(
        isinstance(bias, list) and len(bias) == len(labels), f"{name}.bias", "must have one for each label"
    )
    for key, numbers in (("bias", bias), ("scale", [part["scale"]]), ("sharpness", [part["sharpness"]])):
        for number in numbers:
            _number(number, f"{name}.{key}")
    rows = {key: _rows(part[key], len(labels), f"{name}.{key}") for key in ("words", "chars")}
    return Linear(labels, tuple(bias), part["scale"], part["sharpness"], rows["words"], rows["chars"])


def _rows(table: Any, labels: int, where: str) -> dict[str, Row]:
    _expect(isinstance(table, dict) and len(table) <= MOST_ROWS, where, f"must be at most {MOST_ROWS} rows")
    rows = {}
    for gram, row in table.items():
        _expect(0 < len(gram) <= LONGEST_GRAM, where, "must have short n-grams")
        whole = isinstance(row, list) and len(row) == labels + 1 and all(type(part) is int for part in row)
        _expect(whole, where, "must have whole numbers")
        *weights, length = row
        _expect(all(abs(weight) <= LARGEST_WEIGHT for weight in weights), where, "must have bounded weights")
        _expect(0 < length <= LARGEST_LENGTH, where, "must have bounded lengths above nothing")
        rows[gram] = packed(weights, length)
    return rows


def _number(value: Any, where: str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    _expect(
        number and isfinite(value) and abs(value) <= LARGEST_SCALE, where, "must be a number within bounds"
    )


def _keys(value: Any, keys: set[str], where: str) -> None:
    _expect(isinstance(value, dict) and set(value) == keys, where, f"must have the keys {sorted(keys)}")


def _expect(holds: bool, where: str, must: str) -> None:
    if not holds:
        raise ModelError(f"{where} {must}")
