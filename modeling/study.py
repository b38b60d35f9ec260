"""What a run learns from Postgres. Imports numpy and scikit-learn, so only training processes import it."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from modeling import family, gate, recent
from modeling.cards import probabilities
from modeling.gate import Judgement
from modeling.learning import LearningOptions, Lesson, NotEnoughData, Rivals, Rule, learn, unseen
from modeling.models import Deployment, FeatureRule, ModelVersion
from modeling.periods import held_out
from modeling.reading import read_dataset
from modeling.scorecard import Scorecard

__all__ = ["Judgement", "Lesson", "NotEnoughData", "judge", "options", "study"]


def study(
    *,
    champion: Deployment | None,
    now: datetime,
    since: datetime | None = None,
    on_progress: Callable[[str, float], None],
) -> Lesson:
    """A candidate learned from what was known at `now`, judged against the champion.

    `since`: of leads that matured earlier nothing is learned. Raises NotEnoughData with a sentence for a
    person.
    """
    on_progress("reading", 0.0)
    leads = read_dataset(now=now)
    if since is not None:
        leads = leads.matured_since(since)
    return learn(
        leads=leads,
        champion=scorecard_of(champion),
        best=best_before(champion),
        now=now,
        rules=rules(),
        options=options(),
        on_progress=on_progress,
    )


def judge(*, candidate: Scorecard, champion: Deployment | None, now: datetime) -> Judgement:
    """The gate's word on a finished scorecard, by the newest matured leads."""
    known, limits = read_dataset(now=now).known_at(now), options()
    if len(known) < limits.min_leads:
        too_few = f"{len(known):,} matured leads are too few to judge by: {limits.min_leads:,} are needed."
        return Judgement("hold", [too_few], None, {})
    split = held_out(known)
    rivals = Rivals(scorecard_of(champion), best_before(champion))
    scores = gate.Scores(
        converted=split.later.converted,
        candidate=probabilities((candidate.judged or candidate).card, split.later),
        champion=unseen(rivals.champion, split.later),
        past_rate=float(split.past.converted.mean()),
        best=unseen(rivals.best, split.later),
    )
    return rivals.named(gate.judge(scores, limits=limits.limits, seed=limits.seed))


def scorecard_of(deployed: Deployment | None) -> Scorecard | None:
    """The champion to compare with."""
    return None if deployed is None else recent.load(deployed.version)


def best_before(deployed: Deployment | None) -> Scorecard | None:
    """The best version so far; None where the champion is."""
    if deployed is None or (best := family.best_so_far(deployed)) == deployed.version_id:
        return None
    return recent.load(ModelVersion.objects.get(pk=best))


def rules() -> dict[str, Rule]:
    """What people decided about features."""
    rows = FeatureRule.objects.all()
    return {row.name: Rule(use=row.use, direction=row.direction, phrase=row.phrase) for row in rows}


def options() -> LearningOptions:
    """The limits of the settings."""
    return LearningOptions(
        min_leads=settings.MODEL_MIN_LEADS,
        min_converted=settings.MODEL_MIN_CONVERTED,
        seed=settings.MODEL_SEED,
        tuning_seconds=settings.TUNING_SECONDS,
    )
