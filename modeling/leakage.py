"""Features that give the answer away: known only after the outcome, or made from it.

What a static history cannot show (a field edited after booking that merely helps) is for a person to ban.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from modeling.binning import code, fit_bins, parsed_dates
from modeling.dataset import Column, Dataset, Labels, Mask
from modeling.features import FeatureSpec
from modeling.quality import auc_of_counts
from modeling.selection import Rule

SAMPLE = 50_000
FEWEST_CONVERTED = 20
GIVES_AWAY = 0.95  # no honest single fact about a lead separates buyers from others like this
STANDS_OUT = 0.80  # worth a person's look
SAME_DAY = 0.5


@dataclass(frozen=True)
class Suspicions:
    """`left_out`: name → reason; `look_at`: features that stay in but stand out, with a sentence."""

    left_out: dict[str, str]
    look_at: dict[str, str]


def suspicions(
    *, known: Dataset, fresh: Dataset, specs: Sequence[FeatureSpec], rules: Mapping[str, Rule]
) -> Suspicions:
    """Look at each feature of the known leads; `fresh` are leads still waiting for their outcome."""
    left_out: dict[str, str] = {}
    look_at: dict[str, str] = {}
    sample = known.sampled(SAMPLE)
    allowed = {name for name, rule in rules.items() if rule.use == "allow"}
    for name in dict.fromkeys(spec.input for spec in specs if spec.input in known.columns):
        reason = _of_attribute(sample, fresh, name)
        if reason:
            (look_at if name in allowed else left_out)[name] = reason
    for spec in specs:
        alone = separation(spec, sample)
        if surely(alone, sample.converted) >= GIVES_AWAY and not {spec.name, spec.input} & allowed:
            left_out.setdefault(spec.name, f"it alone separates the outcomes (AUC {alone:.3f})")
        elif alone >= STANDS_OUT:
            look_at[spec.name] = f"it alone reaches AUC {alone:.3f}: is it known before the outcome?"
    return Suspicions(left_out, {k: v for k, v in look_at.items() if k not in left_out})


def separation(spec: FeatureSpec, leads: Dataset, *, as_names: bool = False) -> float:
    """AUC of one feature alone: rates of its bins from every second lead, judged on the others."""
    if min(leads.converted.sum(), len(leads) - leads.converted.sum()) < FEWEST_CONVERTED:
        return 0.5
    bins = fit_bins(spec, leads, as_names=as_names)
    codes = code(bins, leads)
    won, lost = _counts(codes[::2], leads.converted[::2], bins.size)
    rate = (won + 0.5) / (won + lost + 1.0)
    return auc_of_counts(rate, *_counts(codes[1::2], leads.converted[1::2], bins.size))


def surely(alone: float, converted: Labels) -> float:
    """An AUC less its standard error (Hanley and McNeil 1982): luck makes 0.95 of 0.90 among few leads."""
    won = max(1.0, float(converted[1::2].sum()))
    lost = max(1.0, len(converted[1::2]) - won)
    of_won, of_lost = alone / (2 - alone) - alone**2, 2 * alone**2 / (1 + alone) - alone**2
    variance = (alone * (1 - alone) + (won - 1) * of_won + (lost - 1) * of_lost) / (won * lost)
    return alone - float(np.sqrt(max(variance, 0.0)))


def _counts(codes: np.ndarray, converted: Labels, size: int) -> tuple[np.ndarray, np.ndarray]:
    won = np.bincount(codes, weights=converted, minlength=size)
    return won, np.bincount(codes, minlength=size) - won


def _of_attribute(known: Dataset, fresh: Dataset, name: str) -> str:
    column = known.columns[name]
    return _dated_by_outcome(known, column) or _filled_by_outcome(known, fresh, name)


def _dated_by_outcome(known: Dataset, column: Column) -> str:
    """A date that is the outcome's own day on most leads was written when the outcome was."""
    if column.codes is None or not column.vocabulary:
        return ""
    at, _, parsed = parsed_dates(column)
    rows = (column.codes >= 0) & ~np.isnat(known.outcome_at)
    rows[rows] &= parsed[column.codes[rows]]
    if int(rows.sum()) < FEWEST_CONVERTED:
        return ""
    days = at[column.codes[rows]].astype("datetime64[us]").astype("datetime64[D]")
    outcome = known.outcome_at[rows].astype("datetime64[D]")
    # leads that came and closed on one day say nothing, nor do dates fixed in advance as the day of maturity
    telling = (outcome != known.created_at[rows].astype("datetime64[D]")) & (
        outcome != known.matures_at[rows].astype("datetime64[D]")
    )
    if int(telling.sum()) < FEWEST_CONVERTED:
        return ""
    same = float(np.mean(days[telling] == outcome[telling]))
    return f"on {same:.0%} of the leads it is the very day of the outcome" if same >= SAME_DAY else ""


def _filled_by_outcome(known: Dataset, fresh: Dataset, name: str) -> str:
    """An attribute that old leads have and waiting leads do not is written later, perhaps by the outcome."""
    filled = known.columns[name].present(len(known))
    waiting = fresh.columns[name].present(len(fresh))
    if len(fresh) < FEWEST_CONVERTED * 5 or filled.sum() < FEWEST_CONVERTED:
        return ""
    recent = filled[-max(len(fresh), FEWEST_CONVERTED * 5) :]
    if recent.mean() > 0.05 and waiting.mean() < 0.02 * recent.mean() and _tells(filled, known.converted):
        return (
            f"{recent.mean():.0%} of closed leads have it but only {waiting.mean():.1%} of those still open:"
            " it is filled in after the outcome"
        )
    return ""


def _tells(filled: Mask, converted: Labels) -> bool:
    if filled.all() or not filled.any():
        return True
    inside, outside = converted[filled].mean(), converted[~filled].mean()
    noise = np.sqrt(0.25 / filled.sum() + 0.25 / (~filled).sum())
    return bool(abs(inside - outside) > 3 * noise)
