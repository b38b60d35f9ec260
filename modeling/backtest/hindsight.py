"""What only a finished file can show: columns that were written when, or because, a lead had ended.

While a system runs, such an attribute is still empty on open leads. A file has it from the first row on, so
that a replay would score leads by what happened to them later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from modeling.backtest.plan import judgeable
from modeling.dataset import Column, Dataset
from modeling.leakage import suspicions
from modeling.selection import Rule, select

FEWEST_FILLED = 30
NEARLY_ALL = 0.97
CLEARLY_LESS = 0.5  # of the leads without it may convert, for this to be no accident


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A history without the columns that give its endings away, and why each was left out."""

    leads: Dataset
    left_out: dict[str, str]


def clean(history: Dataset, rules: Mapping[str, Rule] | None = None) -> Cleaned:
    """Look at the whole history with its final endings. What a person allowed stays in."""
    rules = rules or {}
    known = history.take(judgeable(history))
    specs = select(known, rules).specs
    nobody = known.take(np.arange(0))
    found = suspicions(known=known, fresh=nobody, specs=specs, rules=rules).left_out
    asked = {name: c for name, c in known.columns.items() if name not in rules or rules[name].use != "allow"}
    found |= {name: reason for name, c in asked.items() if (reason := _only_with_ending(c, known))}
    left_out = {name: reason for name, reason in found.items() if name in history.columns}
    kept = {name: column for name, column in history.columns.items() if name not in left_out}
    return Cleaned(leads=replace(history, columns=kept), left_out=left_out)


def _only_with_ending(column: Column, known: Dataset) -> str:
    """Why a column that nearly all converted leads alone have (or the others alone) is no fact of arrival."""
    filled = column.present(len(known))
    if min(filled.sum(), len(known) - filled.sum()) < FEWEST_FILLED:
        return ""
    inside, outside = float(known.converted[filled].mean()), float(known.converted[~filled].mean())
    if inside >= NEARLY_ALL and outside <= CLEARLY_LESS:
        return f"{inside:.0%} of the leads that have it converted, {outside:.0%} of the others"
    if 1 - inside >= NEARLY_ALL and 1 - outside <= CLEARLY_LESS:
        return f"{1 - inside:.0%} of the leads that have it did not convert, {outside:.0%} of the others did"
    return ""
