"""The pure story of learning: what is known, which features, which recipe, fit, judge. It stores nothing."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from modeling import artifact
from modeling.boosting import Recipe
from modeling.calibration import platt
from modeling.cards import card_of, probabilities
from modeling.dataset import Dataset, Floats, as_time
from modeling.gate import Judgement, Limits, Scores, Verdict, judge
from modeling.leakage import Suspicions, separation, suspicions
from modeling.periods import Split, held_out
from modeling.scorecard import Card, Scorecard
from modeling.selection import Rule, Selection, numbers_as_names, select
from modeling.slices import shifted, slices
from modeling.stationarity import moving
from modeling.training import Inputs, fit
from modeling.tuning import Tuned, Tuner

__all__ = ["LearningOptions", "Lesson", "NotEnoughData", "Rivals", "Rule", "learn", "unseen"]

Progress = Callable[[str, float], None]


class NotEnoughData(Exception):
    """There is nothing to fit yet; the message is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """The limits of a run."""

    min_leads: int = 200
    min_converted: int = 30
    seed: int = 20
    tuning_seconds: float = 60.0
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Lesson:
    """What a run learned: the artifact to archive, and the gate's verdict on it."""

    artifact: bytes
    sha256: str
    auc: float | None
    n_train: int
    verdict: Verdict
    reasons: list[str]
    comparison: dict[str, Any]
    report: dict[str, Any]


@dataclass(frozen=True)
class _Fits:
    """What is judged was fitted without the later leads; what serves is the same recipe on all leads.

    A gate that compared the serving cards would be unfair: a champion refitted on all data up to yesterday
    has seen the leads it is judged by. So every version keeps its judged card too, and judged meets judged.
    """

    judged: Card
    serving: Card


@dataclass(frozen=True, slots=True)
class Rivals:
    """What a candidate is held against. `best`: None where the champion is the best version so far."""

    champion: Scorecard | None
    best: Scorecard | None = None

    def named(self, judgement: Judgement) -> Judgement:
        """The table says which version was the best, for whoever judges the next one."""
        best = self.best or self.champion
        if best is None or "best" not in judgement.table:
            return judgement
        told = judgement.table["best"] | {"version": best.version}
        return replace(judgement, table=judgement.table | {"best": told})


def unseen(rival: Scorecard | None, later: Dataset) -> Floats | None:
    """By the card that was fitted without its last leads, where it has one: they may be among these."""
    return None if rival is None else probabilities((rival.judged or rival).card, later)


def learn(
    *,
    leads: Dataset,
    champion: Scorecard | None,
    now: datetime,
    rules: Mapping[str, Rule],
    options: LearningOptions,
    on_progress: Progress,
    best: Scorecard | None = None,
) -> Lesson:
    """Learn from what was known at `now`. Raises NotEnoughData when nothing can be fitted.

    `best`: the best version so far, where the champion only took over as about as good and fresher.
    """
    on_progress("preparing", 0.0)
    known = leads.known_at(now)
    _require_enough(known, options)
    selection, suspected = _features(leads, known, now, rules)
    split = held_out(known)
    _require_enough(split.past, options)
    moves = _moving(selection, split.past, rules)
    inputs = Inputs(
        specs=selection.specs,
        moving=frozenset(moves),
        as_names=_names(selection, split.past, rules),
        directions={name: rule.direction for name, rule in rules.items()},
    )

    on_progress("tuning", 0.0)
    tuned = Tuner(
        past=split.past,
        pace=len(known),
        inputs=inputs,
        seed=options.seed,
        seconds=options.tuning_seconds,
        on_progress=lambda done: on_progress("tuning", done),
    ).run(Recipe())

    on_progress("fitting", 0.0)
    fits = _fit_both(known, split, inputs, tuned, options, rules)

    on_progress("judging", 0.0)
    judgement = _judge(fits, Rivals(champion, best), split, options)
    used = {spec.name for spec in inputs.chosen(tuned.recipe)}
    selection = selection.without({name: why for name, why in moves.items() if name not in used})
    lesson = _lesson(known, fits, judgement, tuned, selection, suspected)
    on_progress("judging", 1.0)
    return lesson


def _require_enough(known: Dataset, options: LearningOptions) -> None:
    converted = int(known.converted.sum())
    other = len(known) - converted
    if len(known) < options.min_leads or min(converted, other) < options.min_converted:
        raise NotEnoughData(
            f"{len(known):,} matured leads, {converted:,} of them converted, are not enough to learn from:"
            f" {options.min_leads:,} are needed, {options.min_converted:,} of them converted"
            f" and {options.min_converted:,} not."
        )


def _features(
    leads: Dataset, known: Dataset, now: datetime, rules: Mapping[str, Rule]
) -> tuple[Selection, Suspicions]:
    selection = select(known, rules)
    waiting = (leads.created_at <= as_time(now)) & (leads.matures_at > as_time(now))
    fresh = leads.take(waiting)
    suspected = suspicions(known=known, fresh=fresh, specs=selection.specs, rules=rules)
    selection = selection.without(suspected.left_out)
    if not selection.specs:
        raise NotEnoughData("No attribute of the leads can be learned from.")
    return selection, suspected


def _moving(selection: Selection, past: Dataset, rules: Mapping[str, Rule]) -> dict[str, str]:
    moves = moving(selection.specs, past)
    allowed = {name for name, rule in rules.items() if rule.use == "allow"}
    return {
        spec.name: moves[spec.name]
        for spec in selection.specs
        if spec.name in moves and not {spec.name, spec.input} & allowed
    }


def _names(selection: Selection, past: Dataset, rules: Mapping[str, Rule]) -> frozenset[str]:
    # a declared direction says that size means something
    free = [s for s in selection.specs if s.name not in rules or rules[s.name].direction == "free"]
    return numbers_as_names(free, past, separation)


def _fit_both(
    known: Dataset,
    split: Split,
    inputs: Inputs,
    tuned: Tuned,
    options: LearningOptions,
    rules: Mapping[str, Rule],
) -> _Fits:
    # side by side: half of a fit keeps only one core busy; a run that is stopped does not wait for both
    threads = ThreadPoolExecutor(1)
    try:
        aside = threads.submit(fit, leads=split.past, inputs=inputs, recipe=tuned.recipe, seed=options.seed)
        serving = fit(leads=known, inputs=inputs, recipe=tuned.recipe, seed=options.seed)
        judged = aside.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    before = tuned.unseen
    at_cut = platt(before.logits, before.converted, 0.7 ** (before.fold.max(initial=0.0) - before.fold))
    today = platt(judged.logits(split.later), split.later.converted)
    return _Fits(
        judged=card_of(judged, calibration=at_cut, leads=split.past, rules=rules),
        serving=card_of(serving, calibration=today, leads=known, rules=rules),
    )


def _judge(fits: _Fits, rivals: Rivals, split: Split, options: LearningOptions) -> Judgement:
    scores = Scores(
        converted=split.later.converted,
        candidate=probabilities(fits.judged, split.later),
        champion=unseen(rivals.champion, split.later),
        past_rate=float(split.past.converted.mean()),
        served=probabilities(fits.serving, split.later),
        best=unseen(rivals.best, split.later),
    )
    judgement = rivals.named(judge(scores, limits=options.limits, seed=options.seed))
    table = judgement.table | {
        "slices": slices(fits.judged, split.later, scores.candidate),
        "shifted": shifted(fits.judged, split.later),
    }
    return replace(judgement, table=table)


def _lesson(
    known: Dataset,
    fits: _Fits,
    judgement: Judgement,
    tuned: Tuned,
    selection: Selection,
    suspected: Suspicions,
) -> Lesson:
    auc = None if judgement.auc is None else judgement.auc.point
    document = artifact.document_of(
        card=fits.serving,
        judged=fits.judged,
        auc=auc,
        metrics=judgement.table.get("candidate", {}),  # its own only: the bytes do not depend on the champion
        recipe=asdict(tuned.recipe),
    )
    data = artifact.dump(document)
    report = {
        "rows": {"known": len(known), "converted": int(known.converted.sum()), **known.dropped},
        "features": [spec.name for spec in selection.specs],
        "left_out": selection.left_out,
        "look_at": suspected.look_at,
        "recipe": asdict(tuned.recipe),
        "tried": [{**asdict(recipe), "loss": loss} for recipe, loss in tuned.tried],
    }
    return Lesson(
        artifact=data,
        sha256=artifact.digest(data),
        auc=auc,
        n_train=len(known),
        verdict=judgement.verdict,
        reasons=judgement.reasons,
        comparison=judgement.table,
        report=report,
    )
