"""Bytes to scorecards: exact both ways, and closed to everything else."""

import copy
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modeling import artifact
from modeling.artifact import ArtifactError
from modeling.scorecard import Scorecard
from modeling.tests.test_scorecard import card

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def document() -> dict:
    return orjson.loads(DATA)


DATA = artifact.dump(
    artifact.document_of(
        card=card(),
        judged=card(base=0.1),
        auc=0.78,
        metrics={"leads": 9},
        recipe={"pairs": 1, "steady": True},
    )
)


def changed(path: list, value: object) -> bytes:
    """The document with one value replaced."""
    whole = copy.deepcopy(document())
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)


def test_it_comes_back_as_it_went():
    loaded = artifact.load(DATA, artifact.digest(DATA), version=1730483820)

    assert loaded.card == card()
    assert loaded.judged.card == card(base=0.1)
    assert (loaded.auc, loaded.version) == (0.78, 1730483820)
    lead = {"visits": 12, "channel": "partner"}
    assert loaded.probability(lead, NOON) == Scorecard(card()).probability(lead, NOON)


def test_the_same_card_has_the_same_digest():
    again = artifact.document_of(
        card=card(),
        judged=card(base=0.1),
        auc=0.78,
        metrics={"leads": 9},
        recipe={"steady": True, "pairs": 1},
    )
    assert artifact.digest(artifact.dump(again)) == artifact.digest(DATA)


def test_a_wrong_digest_is_refused():
    with pytest.raises(ArtifactError, match="digest"):
        artifact.load(DATA, "0" * 64)
    with pytest.raises(ArtifactError, match="digest"):
        artifact.load(DATA, "ü")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["schema"], 2, "schema 2"),
        (["extra"], 1, "keys"),
        (["card", "extra"], 1, "keys"),
        (["card", "base"], "0", "number"),
        (["card", "base"], True, "number"),
        (["card", "base"], 1e9, "bounds"),
        (["card", "n_train"], -1, "count"),
        (["card", "n_train"], 1.5, "count"),
        (["card", "grades"], [0.2, 0.5, 0.8], "rise"),
        (["card", "grades"], [0.2], "three"),
        (["card", "terms"], {}, "list"),
        (["card", "terms", 0, "table"], [0.0], "entries"),
        (["card", "terms", 0, "table", 1], None, "number"),
        (["card", "terms", 0, "support"], [1], "entries"),
        (["card", "terms", 0, "integer"], 1, "true or false"),
        (["card", "terms", 0, "phrase"], "x" * 2000, "short text"),
        (["card", "terms", 0, "bins", "edges"], [2.0, 1.0], "rise"),
        (["card", "terms", 0, "bins", "edges"], [1, 2], "decimal"),
        (["card", "terms", 0, "bins", "spec", "transform"], "eval", "unknown"),
        (["card", "terms", 0, "bins", "spec", "name"], "channel", "different names"),
        (["card", "terms", 1, "bins", "categories"], ["a", "a", None], "different"),
        (["card", "terms", 1, "bins", "categories"], [["a"], "b", None], "number"),
        (["card", "terms", 1, "bins", "spec", "transform"], "month", "needs edges"),
        (["card", "pairs", 0, "first"], 9, "names no feature"),
        (["card", "pairs", 0, "second"], 0, "two features"),
        (["card", "pairs", 0, "table"], [], "height"),
        (["judged"], 3, "keys"),
        (["auc"], 1.5, "bounds"),
        (["metrics"], [], "object"),
        (["metrics", "deep"], [[[[[[[[[[1]]]]]]]]]], "deeply"),
        (["golden"], [], "empty"),
        (["golden", 0, "logit"], 0.123, "golden vector 0"),
        (["golden", 0, "features"], {"visits": []}, "number"),
        (["card", "base"], 0.25, "golden vector"),
    ],
)
def test_whatever_is_not_as_it_must_be_is_refused(path, value, said):
    with pytest.raises(ArtifactError, match=said):
        artifact.load(changed(path, value))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"NaN",
        b'{"schema":NaN}',
        b'{"schema":1,"schema":1}',
        b"[" * 100_000,
        b'{"a":' * 2_000,
        b"1" * 10_000,
        b" " + DATA,
        DATA + b"\n",
        DATA[:-1],
        DATA.replace(b'"auc":0.78', b'"auc":0.780'),
        DATA.replace(b'"auc":0.78', b'"auc":1e999'),
        b"cos\nsystem\n(S'true'\ntR.",
        b"x" * (artifact.LARGEST + 1),
    ],
)
def test_garbage_is_refused(data):
    with pytest.raises(ArtifactError):
        artifact.load(data)


@settings(max_examples=400, deadline=2000)
@given(st.integers(0, len(DATA) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_harmless(place, byte):
    data = DATA[:place] + bytes([byte]) + DATA[place + 1 :]
    with pytest.raises(ArtifactError):
        artifact.load(data, artifact.digest(DATA) if data != DATA else "0" * 64)
    try:
        loaded = artifact.load(data)
    except ArtifactError:
        return
    # a change the schema allows, such as another phrase: it still scores every lead
    assert 0.0 <= loaded.score({"visits": 3, "channel": "ads"}, NOON).probability <= 1.0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PLACES = [
    ["auc"],
    ["card"],
    ["card", "terms"],
    ["card", "terms", 0],
    ["card", "terms", 0, "bins"],
    ["card", "terms", 0, "bins", "edges"],
    ["card", "terms", 1, "bins", "categories"],
    ["card", "terms", 1, "bins", "spec", "transform"],
    ["card", "pairs", 0],
    ["card", "pairs", 0, "table", 1],
    ["judged"],
    ["recipe"],
    ["golden", 0, "features"],
]


@settings(max_examples=300, deadline=2000)
@given(st.sampled_from(PLACES), JSON)
def test_any_json_anywhere_is_refused_or_harmless(path, value):
    try:
        data = changed(path, value)
    except (TypeError, orjson.JSONEncodeError):  # integers orjson does not write
        return
    try:
        loaded = artifact.load(data)
    except ArtifactError:
        return
    assert 0.0 <= loaded.score({"visits": 3}, NOON).probability <= 1.0


@settings(max_examples=200, deadline=2000)
@given(st.binary(max_size=400))
def test_random_bytes_are_refused(data):
    with pytest.raises(ArtifactError):
        artifact.load(data)


def test_golden_leads_are_made_up_from_the_bins():
    known = {"ads", "partner", None}
    vectors = document()["golden"]

    assert len(vectors) == artifact.GOLDEN_VECTORS
    assert {vector["features"]["channel"] for vector in vectors} <= known
