"""Where a card is right or wrong, group by group, and which inputs are no longer what they were."""

from typing import Any

import numpy as np

from modeling.binning import code
from modeling.dataset import Dataset, Floats
from modeling.scorecard import Card, Term
from modeling.stationarity import NOTICEABLE_PSI, psi, shares

FEATURES = 3
FEWEST_LEADS = 50


def slices(card: Card, later: Dataset, scores: Floats) -> list[dict[str, Any]]:
    """Mean score and rate in each group of the most telling named features (source, country, plan)."""
    named = [term for term in card.terms if term.bins.categories and not term.bins.edges]
    found: list[dict[str, Any]] = []
    for term in sorted(named, key=_weight, reverse=True)[:FEATURES]:
        codes = code(term.bins, later)
        for k in np.flatnonzero(np.bincount(codes, minlength=term.bins.size) >= FEWEST_LEADS):
            rows = codes == k
            found.append(
                {
                    "feature": term.bins.spec.name,
                    "group": _group(term, int(k)),
                    "leads": int(rows.sum()),
                    "rate": float(later.converted[rows].mean()),
                    "mean_score": float(scores[rows].mean()),
                }
            )
    return found


def _weight(term: Term) -> float:
    """How much the feature moves the log-odds of the training leads."""
    support = np.array(term.support, dtype=np.float64)
    return float(np.sum(support * np.array(term.table) ** 2))


def _group(term: Term, k: int) -> str:
    if k == 0:
        return "missing"
    name = term.bins.categories[k - term.bins.first_category]
    return "others" if name is None else str(name)


def shifted(card: Card, later: Dataset) -> dict[str, float]:
    """The features whose later leads are of another kind than those learned from, by PSI."""
    found = {}
    for term in card.terms:
        support = np.array(term.support, dtype=np.float64)
        now = shares(code(term.bins, later), term.bins.size)
        found[term.bins.spec.name] = psi(support / max(1.0, support.sum()), now)
    return {name: round(value, 4) for name, value in found.items() if value > NOTICEABLE_PSI}
