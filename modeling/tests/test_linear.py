"""The linear model as a scorecard."""

from dataclasses import replace

import numpy as np
import pytest

from modeling.binning import code_all
from modeling.boosting import Recipe
from modeling.quality import auc
from modeling.selection import select
from modeling.tests.worlds import world
from modeling.training import Inputs, code_leads, fit, fit_linear

LINE = Recipe(linear=1.0)


def coded(history, **changes):
    inputs = replace(Inputs(specs=select(history.leads, {}).specs), **changes)
    return code_leads(history.leads, inputs, LINE, seed=0)


def table_of(made, tables, name):
    return tables.singles[[bins.spec.name for bins in made.bins].index(name)]


def test_it_learns_what_adds_up():
    history, fresh = world(3000), world(3000, seed=2)
    made = coded(history)
    tables = fit_linear(made, LINE)
    scores = tables.logits(code_all(made.bins, fresh.leads))

    assert auc(scores, fresh.leads.converted) > auc(fresh.truth, fresh.leads.converted) - 0.02
    assert tables.pairs == {}


def test_a_number_gets_a_line():
    """Visits help by 0.35 each: the steps of neighbouring bins hardly leave the line."""
    made = coded(world(6000))
    visits = table_of(made, fit_linear(made, LINE), "visits")[2:8]

    assert np.all(np.diff(visits) > 0)


def test_a_direction_is_kept():
    made = coded(world(1000, signal=-1.0), directions={"visits": "increasing", "noise": "decreasing"})
    tables = fit_linear(made, LINE)

    assert np.all(np.diff(table_of(made, tables, "visits")[1:]) >= -1e-12)
    assert np.all(np.diff(table_of(made, tables, "noise")[1:]) <= 1e-12)


def test_the_recent_past_counts_more():
    turned = world(3000, flips_at=0.5)
    made = coded(turned)
    lately, ever = (fit_linear(made, replace(LINE, half_life_days=days)) for days in (15.0, None))
    late = turned.leads.take(slice(2000, None))

    def skill(tables):
        return auc(tables.logits(code_all(made.bins, late)), late.converted)

    assert skill(lately) > skill(ever) + 0.02


def test_the_average_lies_between():
    history = world(600)
    inputs = Inputs(specs=select(history.leads, {}).specs)
    line, both, trees = (
        fit(leads=history.leads, inputs=inputs, recipe=Recipe(pairs=2, iterations=40, linear=share), seed=0)
        for share in (1.0, 0.5, 0.0)
    )
    said = [each.logits(history.leads) for each in (line, both, trees)]

    assert said[1] == pytest.approx((said[0] + said[2]) / 2, abs=1e-9)
