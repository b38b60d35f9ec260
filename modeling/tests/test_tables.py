"""Tables read off a booster say exactly what the booster says."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from modeling.tables import DecompositionError, Tables, centred, read_tables, verify

SIZES = [4, 5, 3]


@pytest.fixture(scope="module")
def codes():
    rng = np.random.default_rng(4)
    return np.column_stack([rng.integers(0, size, 4000) for size in SIZES]).astype(np.uint8)


def booster(codes, groups):
    rng = np.random.default_rng(5)
    logit = codes[:, 0] * 0.5 - (codes[:, 1] == 2) * (codes[:, 0] > 1) * 2.0 + codes[:, 2] * codes[:, 1] * 0.2
    labels = rng.random(len(codes)) < 1 / (1 + np.exp(-logit + 1))
    model = HistGradientBoostingClassifier(max_iter=30, interaction_cst=groups, early_stopping=False)
    return model.fit(codes, labels)


def test_singles_and_pairs_add_up_to_the_booster(codes):
    model = booster(codes, [{0, 1}, {2}])
    tables = read_tables(model.decision_function, SIZES, [(0, 1)])

    assert np.abs(tables.logits(codes) - model.decision_function(codes)).max() < 1e-9
    verify(tables, model.decision_function, codes)


def test_an_interaction_that_was_not_read_is_noticed(codes):
    model = booster(codes, [{0, 1, 2}])
    with pytest.raises(DecompositionError, match="differ"):
        verify(read_tables(model.decision_function, SIZES, []), model.decision_function, codes)


def test_centring_changes_the_telling_not_the_sum(codes):
    model = booster(codes, [{0, 1}, {1, 2}])
    tables = read_tables(model.decision_function, SIZES, [(0, 1), (1, 2)])
    counts = [np.bincount(codes[:, k], minlength=size) for k, size in enumerate(SIZES)]
    told = centred(tables, codes, counts)

    assert np.abs(told.logits(codes) - tables.logits(codes)).max() < 1e-9
    for table, count in zip(told.singles, counts, strict=True):
        assert np.average(table, weights=count) == pytest.approx(0.0, abs=1e-9)
    joint = np.zeros((4, 5))
    np.add.at(joint, (codes[:, 0], codes[:, 1]), 1)
    assert np.abs((told.pairs[0, 1] * joint).sum(axis=1)).max() < 1.0
    assert told.base == pytest.approx(told.logits(codes).mean(), abs=0.05)


def test_a_bin_nobody_was_in_says_nothing():
    tables = Tables(1.0, [np.array([9.0, 0.5, -0.5])], {})
    codes = np.array([[1], [2]], dtype=np.uint8)

    assert centred(tables, codes, [np.array([0, 1, 1])]).singles[0].tolist() == [0.0, 0.5, -0.5]


def test_calibration_keeps_it_a_scorecard(codes):
    model = booster(codes, [{0, 1}, {2}])
    tables = read_tables(model.decision_function, SIZES, [(0, 1)])

    assert np.allclose(tables.scaled(0.8, 0.1).logits(codes), 0.8 * tables.logits(codes) + 0.1)
