"""The judge: candidate and champion on the same later leads, and a verdict a sales manager can read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from modeling.dataset import Floats, Labels
from modeling.quality import Bootstrap, Interval, Quality, interval, quality
from modeling.quality import auc as auc_of

CHANCE = 0.5  # the AUC of a coin

Verdict = Literal["promote", "hold", "reject"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the gate asks for. No request and no setting changes it."""

    fewest_leads: int = 100
    fewest_of_a_kind: int = 20  # converted, and not converted
    draws: int = 400
    most_leads: int = 20_000  # more are sampled: the interval is narrow enough
    better_than_chance: float = 0.52  # three standard errors below its AUC a model must still be above
    not_worse: float = 0.01  # how much AUC a fresher model may seem to lose
    not_worse_brier: float = 0.02  # how much Brier, as a share of what knowing only the rate gives
    lost_by_refit: float = 0.01  # AUC the refitted model may lose on leads it has even seen


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
    served: Floats | None = None  # the candidate refitted on all leads, which is what would serve
    best: Floats | None = None  # of the best version so far; None: that is the champion


def judge(scores: Scores, *, limits: Limits, seed: int) -> Judgement:
    """Compare on later leads that neither has seen."""
    scores = _sampled(scores, limits.most_leads)
    too_few = _too_few(scores.converted, limits)
    if too_few:
        return Judgement("hold", [too_few], None, {"leads": len(scores.converted)})
    bootstrap = Bootstrap(scores.converted, draws=limits.draws, seed=seed)
    candidate = quality(scores.candidate, scores.converted)
    draws = bootstrap.aucs(scores.candidate)
    auc = interval(candidate.auc, draws)
    table: dict[str, Any] = {"leads": candidate.leads, "candidate": _row(candidate, auc)}
    doubts = _against_chance(scores, candidate, _wide(candidate.auc, draws), limits)
    strange = _refit_differs(scores, limits)
    if scores.champion is None:
        verdict: Verdict = "hold" if doubts or strange else "promote"
        return Judgement(verdict, doubts + strange or [_first(candidate, auc)], auc, table)
    comparison = _compared(scores, scores.champion, bootstrap, draws, limits)
    against_best = comparison
    if scores.best is not None:
        against_best = _compared(scores, scores.best, bootstrap, draws, limits)
    table |= comparison.rows() | {"best": against_best.in_short()}
    verdict, reasons = _against_champion(doubts, comparison, limits)
    if verdict == "promote" and comparison.auc.low <= 0 and (lost := _lost(against_best, limits)):
        verdict, reasons = "hold", [lost, *reasons]
    if strange and verdict == "promote":
        return Judgement("hold", strange + reasons, auc, table)
    return Judgement(verdict, reasons, auc, table)


@dataclass(frozen=True)
class _Comparison:
    """A rival's figures, and what the candidate gains (AUC) or errs more (Brier), on the same leads."""

    rival: dict[str, Any]
    auc: Interval
    brier: Interval
    brier_margin: float

    def rows(self) -> dict[str, Any]:
        """As the comparison table has them."""
        return {
            "champion": self.rival,
            "auc_difference": asdict(self.auc),
            "brier_difference": asdict(self.brier),
        }

    def in_short(self) -> dict[str, Any]:
        """Of the best version so far; `beaten`: from now on the candidate is the best."""
        return {"auc_difference": asdict(self.auc), "beaten": self.auc.low > 0}


def _compared(
    scores: Scores, rival: Floats, bootstrap: Bootstrap, draws: Floats, limits: Limits
) -> _Comparison:
    figures = quality(rival, scores.converted)
    rival_draws = bootstrap.aucs(rival)
    gain = auc_of(scores.candidate, scores.converted) - figures.auc
    errors = (scores.candidate - scores.converted) ** 2 - (rival - scores.converted) ** 2
    return _Comparison(
        rival=_row(figures, interval(figures.auc, rival_draws)),
        auc=interval(gain, draws - rival_draws),
        brier=interval(float(errors.mean()), bootstrap.means(errors)),
        brier_margin=limits.not_worse_brier * figures.rate * (1 - figures.rate),
    )


def _sampled(scores: Scores, most: int) -> Scores:
    step = max(1, -(-len(scores.converted) // most))
    return Scores(
        converted=scores.converted[::step],
        candidate=scores.candidate[::step],
        champion=None if scores.champion is None else scores.champion[::step],
        past_rate=scores.past_rate,
        served=None if scores.served is None else scores.served[::step],
        best=None if scores.best is None else scores.best[::step],
    )


def _refit_differs(scores: Scores, limits: Limits) -> list[str]:
    """Why the model that would serve is not the one that was judged; empty when it is."""
    if scores.served is None:
        return []
    # it may score otherwise, that is what refitting is for, but not worse on leads it has learned from
    judged, served = (auc_of(p, scores.converted) for p in (scores.candidate, scores.served))
    if served >= judged - limits.lost_by_refit:
        return []
    return [
        f"Refitted with the newest leads it does worse on them than before: AUC {served:.3f} after"
        f" {judged:.3f}. What was judged is not what would serve."
    ]


def _too_few(converted: Labels, limits: Limits) -> str:
    n, won = len(converted), int(converted.sum())
    if n >= limits.fewest_leads and min(won, n - won) >= limits.fewest_of_a_kind:
        return ""
    return (
        f"Too few later leads to judge by: {n:,} ({won:,} converted); at least {limits.fewest_leads:,} are"
        f" needed, with {limits.fewest_of_a_kind} converted and {limits.fewest_of_a_kind} not."
    )


def _wide(point: float, draws: Floats) -> Interval:
    """Three standard errors: noise is judged night after night, and may not pass on its luckiest one."""
    error = 3.0 * float(draws.std())
    return Interval(point, point - error, point + error)


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
    doubts: Sequence[str], comparison: _Comparison, limits: Limits
) -> tuple[Verdict, list[str]]:
    difference, brier, margin = comparison.auc, comparison.brier, comparison.brier_margin
    said = (
        f"AUC {difference.point:+.4f} against the serving model (between {difference.low:+.4f} and"
        f" {difference.high:+.4f}), Brier {brier.point:+.5f}."
    )
    if difference.high < -limits.not_worse or brier.low > margin:
        return "reject", [f"Surely worse than the serving model: {said}"]
    better = difference.low > 0 or (brier.high < 0 and difference.low > -limits.not_worse)
    if better:
        return "promote", [f"Better than the serving model: {said}"]
    if doubts:
        return "hold", [*doubts, *_misled(comparison.rival)]
    if difference.low > -limits.not_worse and brier.high < margin:
        return "promote", [f"As good as the serving model and fresher: {said}"]
    return "hold", [f"Not surely as good as the serving model: {said}", *_misled(comparison.rival)]


def _lost(best: _Comparison, limits: Limits) -> str:
    """Why it may not replace what it is as good as: each of many steps down is too small to tell."""
    if best.auc.point >= -limits.not_worse and best.brier.point <= best.brier_margin:
        return ""
    return (
        f"It seems worse than the best version so far: AUC {best.auc.point:+.4f} against that one, Brier"
        f" {best.brier.point:+.5f}. Small losses would add up."
    )


def _misled(champion: dict[str, Any]) -> list[str]:
    """A person must hear that what serves has turned wrong, also while nothing better is found."""
    if champion["auc_high"] >= CHANCE:
        return []
    return [
        f"The serving model puts these leads in the wrong order: AUC {champion['auc']:.3f} (between"
        f" {champion['auc_low']:.3f} and {champion['auc_high']:.3f}; {CHANCE} is chance)."
    ]


def _row(figures: Quality, auc: Interval) -> dict[str, Any]:
    return {**asdict(figures), "auc_low": auc.low, "auc_high": auc.high}
