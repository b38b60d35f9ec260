"""Choosing the recipe."""

from dataclasses import replace

import numpy as np
import pytest

from modeling.boosting import Recipe
from modeling.dataset import Column
from modeling.selection import select
from modeling.tests.worlds import world
from modeling.training import Inputs
from modeling.tuning import Tuned, Tuner

START = Recipe(pairs=2, iterations=40)


def tuned(history, *, seconds: float, start: Recipe = START) -> Tuned:
    inputs = Inputs(specs=select(history.leads, {}).specs)
    past = history.leads.known_at(history.end)
    return Tuner(
        past=past, pace=len(past), inputs=inputs, seed=0, seconds=seconds, on_progress=lambda done: None
    ).run(start)


@pytest.fixture(scope="module")
def history():
    return world(1500)


def test_without_a_budget_the_first_recipe_stands(history):
    found = tuned(history, seconds=0)

    assert found.recipe == START
    assert len(found.tried) == 1


def test_a_budget_buys_candidates(history):
    few, many = tuned(history, seconds=1.5), tuned(history, seconds=30.0)

    assert 1 < len(few.tried) < len(many.tried)
    assert many.tried[: len(few.tried)] == few.tried


def test_it_keeps_the_unseen_scores_of_the_chosen(history):
    unseen = tuned(history, seconds=0).unseen

    assert len(unseen.logits) == len(unseen.converted) > 500
    assert set(unseen.fold) == {0.0, 1.0, 2.0}


def test_where_the_world_turned_the_recent_past_counts():
    found = tuned(world(3000, flips_at=0.55), seconds=60.0)

    assert found.recipe.half_life_days is not None


def test_a_line_alone_is_not_chosen_where_two_features_say_more_together():
    rng = np.random.default_rng(3)
    n = 4000
    a, b = rng.integers(0, 2, n).astype(float), rng.integers(0, 2, n).astype(float)
    made = world(n, signal=0.0, extra={"a": Column(numbers=a), "b": Column(numbers=b)})
    unlike = (a != b) & (rng.random(n) < 0.6)
    turned = replace(made.leads, converted=np.maximum(made.leads.converted, unlike.astype(np.int8)))
    found = tuned(replace(made, leads=turned), seconds=60.0, start=Recipe(pairs=1, iterations=40))

    losses = {recipe.linear: loss for recipe, loss in found.tried if recipe.pairs}
    assert losses[1.0] > losses[0.0] + 0.005
    assert found.recipe.linear < 1
    assert found.recipe.pairs > 0


def test_the_same_history_gives_the_same_recipe(history):
    assert tuned(history, seconds=5.0).tried == tuned(history, seconds=5.0).tried


def test_where_few_convert_more_leads_are_looked_at():
    """A tenth of a per cent converts: samples of the usual size would hold a handful of them, or none."""
    made = world(60_000, signal=0.0)
    converted = np.zeros(60_000, dtype=np.int8)
    converted[11::1000] = 1
    leads = replace(made.leads, converted=converted, outcome_at=made.leads.matures_at)
    found = tuned(replace(made, leads=leads), seconds=0)

    assert found.unseen.converted.sum() > 20


def test_a_recipe_is_told_as_it_will_be_fitted(history):
    inputs = Inputs(specs=select(history.leads, {}).specs)
    past = history.leads.known_at(history.end)
    found = Tuner(
        past=past, pace=1_000_000, inputs=inputs, seed=0, seconds=0, on_progress=lambda done: None
    ).run(START)

    assert found.recipe == START.paced(1_000_000) != START


def test_a_handful_of_leads_is_not_tuned_on():
    few = world(30)
    found = tuned(few, seconds=60.0, start=replace(START, pairs=0))

    assert found.recipe.pairs == 0
