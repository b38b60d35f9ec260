"""Between training's tables (numpy) and the cards that are stored and served (plain numbers)."""

from collections.abc import Mapping

import numpy as np

from modeling.binning import code_all
from modeling.calibration import Calibration, sigmoid
from modeling.dataset import Dataset, Floats
from modeling.scorecard import Card, Pair, Term
from modeling.selection import Rule
from modeling.tables import Tables
from modeling.training import Fitted

GRADED = 50_000  # leads that the grades are cut on
GRADE_QUANTILES = (0.8, 0.5, 0.2)  # A is the best fifth, then B 30 %, C 30 %


def card_of(fitted: Fitted, *, calibration: Calibration, leads: Dataset, rules: Mapping[str, Rule]) -> Card:
    """The card of a fitted model, calibrated; its grades are cut on `leads`."""
    tables = fitted.tables.scaled(calibration.slope, calibration.intercept)
    terms = tuple(
        Term(
            bins=bins,
            table=tuple(tables.singles[k].tolist()),
            support=tuple(int(count) for count in fitted.support[k]),
            integer=fitted.integers[k],
            phrase=_phrase(bins.spec.name, bins.spec.input, rules),
        )
        for k, bins in enumerate(fitted.bins)
    )
    pairs = tuple(
        Pair(i, j, tuple(tuple(row) for row in grid.tolist())) for (i, j), grid in tables.pairs.items()
    )
    scores = sigmoid(tables.logits(code_all(fitted.bins, leads.sampled(GRADED))))
    best, good, fair = (float(np.quantile(scores, q)) for q in GRADE_QUANTILES)
    return Card(base=tables.base, terms=terms, pairs=pairs, grades=(best, good, fair), n_train=fitted.n_train)


def _phrase(name: str, attribute: str, rules: Mapping[str, Rule]) -> str:
    rule = rules.get(name) or rules.get(attribute)
    return rule.phrase if rule is not None else ""


def tables_of(card: Card) -> Tables:
    """The card's numbers as arrays."""
    return Tables(
        base=card.base,
        singles=[np.array(term.table) for term in card.terms],
        pairs={(pair.first, pair.second): np.array(pair.table) for pair in card.pairs},
    )


def probabilities(card: Card, leads: Dataset) -> Floats:
    """What the card gives each lead; equal to `Scorecard.probability`, many at once."""
    return sigmoid(tables_of(card).logits(code_all([term.bins for term in card.terms], leads)))
