"""The judge: candidate and champion on the same later leads, and a verdict a sales manager can read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from modeling.dataset import Floats, Labels
from modeling.quality import Bootstrap, Interval, Quality, interval, quality

Verdict = Literal["promote", "hold", "reject"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the gate asks for. They come from settings, never from a request."""

    fewest_leads: int = 100
    fewest_of_a_kind: int = 20  # converted, and not converted
    draws: int = 400
    most_leads: int = 20_000  # more are sampled: the interval is narrow enough
    better_than_chance: float = 0.52  # the AUC interval of a first model must lie above
    not_worse: float = 0.01  # how much AUC a fresher model may seem to lose
    not_worse_brier: float = 0.002


@dataclass(frozen=True)
class Judgement:
    """The verdict with its sentences and the table behind it."""

    verdict: Verdict
    reasons: list[str]
    auc: Interval | None
    table: dict[str, Any]


@dataclass(frozen=True)
class Scores:
    """Probabilities for the same later leads; the champion's None when nothing serves yet."""

    converted: Labels
    candidate: Floats
    champion: Floats | None
    past_rate: float  # how often leads converted as far as the candidate knew


def judge(scores: Scores, *, limits: Limits, seed: int) -> Judgement:
    """Compare on later leads that neither has seen."""
    scores = _sampled(scores, limits.most_leads)
    too_few = _too_few(scores.converted, limits)
    if too_few:
        return Judgement("hold", [too_few], None, {"leads": len(scores.converted)})
    bootstrap = Bootstrap(scores.converted, draws=limits.draws, seed=seed)
    candidate = quality(scores.candidate, scores.converted)
    draws = bootstrap.aucs(scores.candidate)
    # a first model is judged night after night until it passes, so its interval is the wide one
    auc = interval(candidate.auc, draws, 0.95)
    table: dict[str, Any] = {"leads": candidate.leads, "candidate": _row(candidate, auc)}
    chance = _against_chance(scores, candidate, interval(candidate.auc, draws, 0.99), limits)
    if scores.champion is None:
        verdict: Verdict = "hold" if chance else "promote"
        return Judgement(verdict, chance or [_first(candidate, auc)], auc, table)
    champion = quality(scores.champion, scores.converted)
    champion_draws = bootstrap.aucs(scores.champion)
    table["champion"] = _row(champion, interval(champion.auc, champion_draws))
    difference = interval(candidate.auc - champion.auc, draws - champion_draws)
    errors = (scores.candidate - scores.converted) ** 2 - (scores.champion - scores.converted) ** 2
    brier = interval(float(errors.mean()), bootstrap.means(errors))
    table["auc_difference"] = asdict(difference)
    table["brier_difference"] = asdict(brier)
    verdict, reasons = _against_champion(chance, difference, brier, limits)
    return Judgement(verdict, reasons, auc, table)


def _sampled(scores: Scores, most: int) -> Scores:
    step = max(1, -(-len(scores.converted) // most))
    champion = None if scores.champion is None else scores.champion[::step]
    return Scores(scores.converted[::step], scores.candidate[::step], champion, scores.past_rate)


def _too_few(converted: Labels, limits: Limits) -> str:
    n, won = len(converted), int(converted.sum())
    if n >= limits.fewest_leads and min(won, n - won) >= limits.fewest_of_a_kind:
        return ""
    return (
        f"Too few later leads to judge by: {n:,} ({won:,} converted); at least {limits.fewest_leads:,} are"
        f" needed, with {limits.fewest_of_a_kind} converted and {limits.fewest_of_a_kind} not."
    )


def _against_chance(scores: Scores, candidate: Quality, auc: Interval, limits: Limits) -> list[str]:
    """Why the candidate is no better than knowing nothing; empty when it is."""
    reasons = []
    if auc.low <= limits.better_than_chance:
        reasons.append(
            f"It does not tell good leads from bad surely enough: AUC {auc.point:.3f}"
            f" (between {auc.low:.3f} and {auc.high:.3f}; 0.5 is chance)."
        )
    blind = float(np.mean((scores.past_rate - scores.converted) ** 2))
    if candidate.brier >= blind:
        reasons.append(
            f"Giving every lead the average rate would be as good: Brier {candidate.brier:.4f}"
            f" against {blind:.4f}."
        )
    return reasons


def _first(candidate: Quality, auc: Interval) -> str:
    return (
        f"The first model tells good leads from bad: AUC {auc.point:.3f} (between {auc.low:.3f} and"
        f" {auc.high:.3f}) on {candidate.leads:,} later leads."
    )


def _against_champion(
    chance: Sequence[str], difference: Interval, brier: Interval, limits: Limits
) -> tuple[Verdict, list[str]]:
    said = (
        f"AUC {difference.point:+.4f} against the serving model (between {difference.low:+.4f} and"
        f" {difference.high:+.4f}), Brier {brier.point:+.5f}."
    )
    if difference.high < -limits.not_worse / 2 or brier.low > limits.not_worse_brier:
        return "reject", [f"Surely worse than the serving model: {said}"]
    better = difference.low > 0 or (brier.high < 0 and difference.low > -limits.not_worse)
    if better:
        return "promote", [f"Better than the serving model: {said}"]
    if chance:
        return "hold", [*chance]
    if difference.low > -limits.not_worse and brier.high < limits.not_worse_brier:
        return "promote", [f"As good as the serving model and fresher: {said}"]
    return "hold", [f"Not surely as good as the serving model: {said}"]


def _row(figures: Quality, auc: Interval) -> dict[str, Any]:
    return {**asdict(figures), "auc_low": auc.low, "auc_high": auc.high}
