"""What a replay amounts to in figures: each contestant on the same leads, by period and over all."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from modeling.backtest.replay import Contest
from modeling.dataset import Floats, Labels
from modeling.quality import Bootstrap, interval, quality

CONTESTANTS = ("nightly", "frozen", "logistic", "base_rate")
GROUPS = 10
BEST_SHARE = 0.2
DRAWS = 200
MOST_DRAWN = 20_000

Figures = dict[str, Any]


def forecast(contest: Contest, name: str) -> Floats:
    """A contestant's probabilities; where it had no model yet, the base rate known then."""
    scores: Floats = getattr(contest, name)
    return np.where(np.isnan(scores), contest.base_rate, scores)


def figures_of(contests: Sequence[Contest]) -> dict[str, Figures]:
    """Each contestant's figures; `auc` and `top_fifth` are of the leads that had a score, for all alike."""
    converted = np.concatenate([contest.converted for contest in contests])
    scored = np.concatenate([~np.isnan(contest.nightly) for contest in contests])
    found = {}
    for name in CONTESTANTS:
        scores = np.concatenate([forecast(contest, name) for contest in contests])
        found[name] = _figures(scores, converted, scored, ranks=name != "base_rate")
        found[name]["top_fifth"] = _top_fifth(contests, name) if name != "base_rate" else None
    return found


def _figures(scores: Floats, converted: Labels, scored: Any, *, ranks: bool) -> Figures:
    if len(scores) == 0:
        return {"leads": 0, "scored": 0, "rate": None, "mean_score": None, "auc": None, "brier": None,
                "log_loss": None, "ece": None}  # fmt: skip
    figures = asdict(quality(scores, converted))
    both = 0 < converted[scored].sum() < scored.sum()
    auc = quality(scores[scored], converted[scored]).auc if ranks and both else None
    return {**figures, "scored": int(scored.sum()), "auc": auc}


def _top_fifth(contests: Sequence[Contest], name: str) -> float | None:
    """The share of all conversions among the best fifth of each period's leads, as a team would call them."""
    won = total = 0
    for contest in contests:
        if len(contest.converted) and not np.isnan(contest.nightly[0]):
            best = np.argsort(-getattr(contest, name), kind="stable")
            best = best[: max(1, round(BEST_SHARE * len(best)))]
            won += int(contest.converted[best].sum())
            total += int(contest.converted.sum())
    return won / total if total else None


def calibration(contests: Sequence[Contest], name: str) -> list[dict[str, float]]:
    """Ten groups of equal size by score: the mean score beside the actual rate, of leads that had a score."""
    scores = np.concatenate([getattr(contest, name) for contest in contests])
    converted = np.concatenate([contest.converted for contest in contests])
    had = ~np.isnan(scores)
    scores, converted = scores[had], converted[had]
    order = np.argsort(scores, kind="stable")
    groups = [group for group in np.array_split(order, GROUPS) if len(group)]
    return [
        {"leads": len(g), "mean_score": float(scores[g].mean()), "rate": float(converted[g].mean())}
        for g in groups
    ]


def margins(contests: Sequence[Contest], *, seed: int) -> dict[str, dict[str, float]]:
    """The AUC of nightly learning and its lead over each rival, with 95 % intervals (paired bootstrap)."""
    had = [contest for contest in contests if len(contest.converted) and not np.isnan(contest.nightly[0])]
    if not had:
        return {}
    converted = np.concatenate([contest.converted for contest in had])
    rows = slice(None, None, -(-len(converted) // MOST_DRAWN))
    converted = converted[rows]
    if len(np.unique(converted)) < 2:
        return {}
    bootstrap = Bootstrap(converted, draws=DRAWS, seed=seed)
    draws = {
        name: bootstrap.aucs(np.concatenate([getattr(contest, name) for contest in had])[rows])
        for name in ("nightly", "frozen", "logistic")
    }
    found = {"nightly": draws["nightly"]}
    found |= {f"over_{rival}": draws["nightly"] - draws[rival] for rival in ("frozen", "logistic")}
    return {name: asdict(interval(float(np.mean(drawn)), drawn)) for name, drawn in found.items()}
