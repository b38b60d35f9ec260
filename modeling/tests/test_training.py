"""One fit by one recipe."""

from dataclasses import replace

import numpy as np
import pytest

from modeling.boosting import Recipe, thinned
from modeling.pairs import ranked_pairs
from modeling.quality import auc
from modeling.selection import select
from modeling.tests.worlds import world
from modeling.training import Inputs, fit, recency_weights

QUICK = Recipe(pairs=2, iterations=40)


@pytest.fixture(scope="module")
def history():
    return world(3000)


def inputs(history, **changes) -> Inputs:
    return replace(Inputs(specs=select(history.leads, {}).specs), **changes)


def test_it_learns_what_there_is_to_learn(history):
    fresh = world(3000, seed=2)
    scores = fit(leads=history.leads, inputs=inputs(history), recipe=QUICK, seed=0).logits(fresh.leads)

    assert auc(scores, fresh.leads.converted) > auc(fresh.truth, fresh.leads.converted) - 0.02


def test_support_counts_every_lead_once(history):
    fitted = fit(leads=history.leads, inputs=inputs(history), recipe=QUICK, seed=0)

    assert {int(count.sum()) for count in fitted.support} == {3000}


def test_the_most_telling_pair_is_found():
    rng = np.random.default_rng(0)
    codes = np.column_stack([rng.integers(0, 6, 6000) for _ in range(4)]).astype(np.uint8)
    together = (codes[:, 1] > 2) ^ (codes[:, 3] > 2)
    labels = (rng.random(6000) < np.where(together, 0.7, 0.3)).astype(np.int8)

    assert ranked_pairs(codes, labels, [6] * 4, seed=0)[0] == (1, 3)


def test_a_direction_is_kept(history):
    turned = world(3000, signal=-1.0)  # visits hurt here
    fitted = fit(
        leads=turned.leads,
        inputs=inputs(turned, directions={"visits": "increasing"}),
        recipe=Recipe(pairs=0, iterations=40),
        seed=0,
    )
    place = [bins.spec.name for bins in fitted.bins].index("visits")
    table = fitted.tables.singles[place][1:]

    assert np.all(np.diff(table) >= -1e-12)


def test_recent_leads_weigh_more(history):
    weights = recency_weights(history.leads.matures_at, 30.0)

    assert weights.max() == 1.0
    assert weights[0] < 0.01
    assert recency_weights(history.leads.matures_at, None) is None


def test_many_leads_are_thinned_evenly_over_time():
    converted = (np.arange(5000) % 2).astype(np.int8)
    rows, weights = thinned(converted, None, 1000)
    assert len(rows) == pytest.approx(1000, abs=2)
    assert np.diff(np.arange(5000)[rows]).max() <= 20
    assert weights.sum() == pytest.approx(5000)

    steep = 0.5 ** (np.arange(5000)[::-1] / 200)
    rows, weights = thinned(converted, steep, 1000)
    assert rows.mean() > 4500
    assert weights.sum() == pytest.approx(steep.sum())


def test_few_leads_are_not_thinned():
    rows, weights = thinned(np.zeros(10, dtype=np.int8), None, 10)
    assert (rows, weights) == (slice(None), None)


def test_thinning_loses_none_of_the_rarer_kind():
    """One lead in a thousand converts, always just beside the rows that an even sample would take."""
    converted = np.zeros(20_000, dtype=np.int8)
    converted[7::1000] = 1
    rows, weights = thinned(converted, None, 1000)

    assert converted[rows].sum() == 20
    assert weights[converted[rows] == 1].sum() == pytest.approx(20)
    assert weights[converted[rows] == 0].sum() == pytest.approx(19_980)


def test_moving_features_stay_out_unless_nothing_else_is_left(history):
    given = inputs(history, moving=frozenset({"noise"}))
    assert "noise" not in {spec.name for spec in given.chosen(QUICK)}
    assert "noise" in {spec.name for spec in given.chosen(replace(QUICK, steady=False))}

    everything = inputs(history, moving=frozenset(spec.name for spec in given.specs))
    assert everything.chosen(QUICK) == given.specs
