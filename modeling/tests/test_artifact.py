"""Artifacts come from strangers: whatever they hold, loading answers or raises ArtifactError."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeling import artifact
from modeling.tests.cast import TRAINED_AT, card_bytes

DATA = card_bytes()


def changed(**values) -> bytes:
    return artifact.dump(orjson.loads(DATA) | values)


def test_it_scores_as_the_card_says():
    loaded = artifact.load(DATA, artifact.digest(DATA))
    few, many = (loaded.probability({"visits": visits}, TRAINED_AT) for visits in (1, 5))
    assert few == pytest.approx(1 / (1 + 2.718281828459045**0.5))
    assert few + many == pytest.approx(1)
    assert (loaded.auc, loaded.n_train) == (0.78, 523)


@pytest.mark.parametrize("odd", [None, True, "", "nine", float("nan"), float("inf"), [], {}, 10**400])
def test_it_scores_odd_values_without_raising(odd):
    assert 0 < artifact.load(DATA).probability({"visits": odd}, TRAINED_AT) < 1


@given(st.binary(max_size=300))
def test_it_refuses_garbage(data):
    with pytest.raises(artifact.ArtifactError):
        artifact.load(data)


@given(st.integers(0, len(DATA) - 1), st.integers(0, 255))
def test_it_refuses_a_changed_byte_or_scores_with_it(position, byte):
    data = DATA[:position] + bytes([byte]) + DATA[position + 1 :]
    try:
        artifact.load(data)
    except artifact.ArtifactError:
        return
    assert artifact.load(data).probability({"visits": 3}, TRAINED_AT) >= 0


def test_it_refuses_another_digest():
    with pytest.raises(artifact.ArtifactError, match="digest"):
        artifact.load(DATA, "0" * 64)


def test_it_refuses_golden_vectors_that_do_not_come_out():
    golden = orjson.loads(DATA)["golden"]
    golden[0]["logit"] += 1e-6
    with pytest.raises(artifact.ArtifactError, match="golden"):
        artifact.load(changed(golden=golden))


@pytest.mark.parametrize(
    "data",
    [
        changed(schema=2),
        changed(extra=1),
        changed(card=None),
        DATA.replace(b'"auc":', b'"auc": '),
        DATA[:-1] + b',"auc":0.9}',
        b"[" * 100_000,
        b" " * (artifact.LARGEST + 1),
    ],
)
def test_it_refuses_what_is_not_the_one_canonical_form(data):
    with pytest.raises(artifact.ArtifactError):
        artifact.load(data)
