"""The closed schema of a scorecard document: its keys, types and sizes, and that the parts fit together."""

from collections.abc import Mapping
from itertools import pairwise
from math import isfinite
from typing import Any, NoReturn

MOST_TERMS = 600
MOST_PAIRS = 100
MOST_BINS = 255
LONGEST_TEXT = 1_000
LARGEST_LOGIT = 1_000.0
LARGEST_NUMBER = 1e300
LARGEST_COUNT = 10**12
DEEPEST = 8

TOP = {"schema", "auc", "card", "judged", "metrics", "recipe", "golden"}
CARD = {"base", "terms", "pairs", "grades", "n_train"}
TERM = {"bins", "table", "support", "integer", "phrase"}
BINS = {"spec", "edges", "categories"}
SPEC = {"name", "input", "transform"}
PAIR = {"first", "second", "table"}
GOLDEN = {"features", "logit"}
TRANSFORMS = {"value", "days_ahead", "month", "weekday", "hour"}


class SchemaError(ValueError):
    """Something in the document is not as it must be; the message begins with where."""


def checked(document: Mapping[str, Any]) -> None:
    """Raise SchemaError unless `document` is a whole, well-formed scorecard document."""
    _keys(document, TOP, "document")
    if document["auc"] is not None:
        _number(document["auc"], "auc", low=0.0, high=1.0)
    _card(document["card"], "card")
    if document["judged"] is not None:
        _card(document["judged"], "judged")
    for key in ("metrics", "recipe"):
        _plain(document[key], key, depth=0)
        _expect(isinstance(document[key], dict), key, "must be an object")
    _golden(document["golden"])


def _card(card: Any, where: str) -> None:
    _keys(card, CARD, where)
    _number(card["base"], f"{where}.base", low=-LARGEST_LOGIT, high=LARGEST_LOGIT)
    _count(card["n_train"], f"{where}.n_train")
    grades = _list(card["grades"], f"{where}.grades", most=3)
    _expect(len(grades) == 3, f"{where}.grades", "must be three")
    for grade in grades:
        _number(grade, f"{where}.grades", low=0.0, high=1.0)
    _expect(grades == sorted(grades, reverse=True), f"{where}.grades", "must not rise")
    terms = _list(card["terms"], f"{where}.terms", most=MOST_TERMS)
    sizes = [_term(term, f"{where}.terms[{k}]") for k, term in enumerate(terms)]
    names = [term["bins"]["spec"]["name"] for term in terms]
    _expect(len(set(names)) == len(names), f"{where}.terms", "must have different names")
    for k, pair in enumerate(_list(card["pairs"], f"{where}.pairs", most=MOST_PAIRS)):
        _pair(pair, sizes, f"{where}.pairs[{k}]")


def _term(term: Any, where: str) -> int:
    _keys(term, TERM, where)
    size = _bins(term["bins"], f"{where}.bins")
    _table(term["table"], size, f"{where}.table")
    support = _list(term["support"], f"{where}.support", most=MOST_BINS)
    _expect(len(support) == size, f"{where}.support", f"must have {size} entries")
    for count in support:
        _count(count, f"{where}.support")
    _expect(isinstance(term["integer"], bool), f"{where}.integer", "must be true or false")
    _text(term["phrase"], f"{where}.phrase")
    return size


def _bins(bins: Any, where: str) -> int:
    _keys(bins, BINS, where)
    spec = bins["spec"]
    _keys(spec, SPEC, f"{where}.spec")
    _text(spec["name"], f"{where}.spec.name", least=1)
    _text(spec["input"], f"{where}.spec.input", least=1)
    _expect(
        isinstance(spec["transform"], str) and spec["transform"] in TRANSFORMS,
        f"{where}.spec.transform",
        "is unknown",
    )
    size = (
        1 + _edges(bins["edges"], f"{where}.edges") + _categories(bins["categories"], f"{where}.categories")
    )
    _expect(size <= MOST_BINS, where, f"has more than {MOST_BINS} bins")
    derived = spec["transform"] != "value"
    _expect(not derived or bins["edges"] is not None, where, "a derived feature needs edges")
    return size


def _edges(edges: Any, where: str) -> int:
    if edges is None:
        return 0
    for edge in _list(edges, where, most=MOST_BINS):
        _number(edge, where, low=-LARGEST_NUMBER, high=LARGEST_NUMBER)
        _expect(isinstance(edge, float), where, "must be decimal numbers")
    _expect(all(low < high for low, high in pairwise(edges)), where, "must rise")
    return len(edges) + 1


def _categories(categories: Any, where: str) -> int:
    for name in _list(categories, where, most=MOST_BINS):
        if isinstance(name, str):
            _text(name, where)
        elif name is not None:
            _number(name, where, low=-LARGEST_NUMBER, high=LARGEST_NUMBER)
    _expect(len(set(categories)) == len(categories), where, "must be different")
    return len(categories)


def _pair(pair: Any, sizes: list[int], where: str) -> None:
    _keys(pair, PAIR, where)
    for side in ("first", "second"):
        _count(pair[side], f"{where}.{side}")
        _expect(pair[side] < len(sizes), f"{where}.{side}", "names no feature")
    _expect(pair["first"] != pair["second"], where, "must be of two features")
    rows = _list(pair["table"], f"{where}.table", most=MOST_BINS)
    _expect(len(rows) == sizes[pair["first"]], f"{where}.table", "has the wrong height")
    for row in rows:
        _table(row, sizes[pair["second"]], f"{where}.table")


def _table(table: Any, size: int, where: str) -> None:
    _list(table, where, most=MOST_BINS)
    _expect(len(table) == size, where, f"must have {size} entries")
    for effect in table:
        _number(effect, where, low=-LARGEST_LOGIT, high=LARGEST_LOGIT)


def _golden(golden: Any) -> None:
    vectors = _list(golden, "golden", most=64)
    _expect(len(vectors) > 0, "golden", "must not be empty")
    for vector in vectors:
        _keys(vector, GOLDEN, "golden")
        _number(vector["logit"], "golden.logit", low=-1e6, high=1e6)
        _expect(isinstance(vector["features"], dict), "golden.features", "must be an object")
        for value in vector["features"].values():
            _scalar(value, "golden.features")


def _plain(value: Any, where: str, *, depth: int) -> None:
    _expect(depth < DEEPEST, where, "is nested too deeply")
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _plain(part, where, depth=depth + 1)
    else:
        _scalar(value, where)


def _scalar(value: Any, where: str) -> None:
    if isinstance(value, str):
        _text(value, where)
    elif value is not None and not isinstance(value, bool):
        _number(value, where, low=-LARGEST_NUMBER, high=LARGEST_NUMBER)


def _keys(value: Any, keys: set[str], where: str) -> None:
    _expect(isinstance(value, dict) and set(value) == keys, where, f"must have the keys {sorted(keys)}")


def _list(value: Any, where: str, *, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        _fail(where, f"must be a list of at most {most}")
    return value


def _number(value: Any, where: str, *, low: float, high: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    _expect(number and isfinite(value) and low <= value <= high, where, "must be a number within bounds")


def _count(value: Any, where: str) -> None:
    number = isinstance(value, int) and not isinstance(value, bool)
    _expect(number and 0 <= value <= LARGEST_COUNT, where, "must be a count")


def _text(value: Any, where: str, *, least: int = 0) -> None:
    _expect(isinstance(value, str) and least <= len(value) <= LONGEST_TEXT, where, "must be a short text")


def _expect(holds: bool, where: str, must: str) -> None:
    if not holds:
        _fail(where, must)


def _fail(where: str, must: str) -> NoReturn:
    raise SchemaError(f"{where} {must}")
