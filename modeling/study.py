"""What a run learns from Postgres. Imports numpy and scikit-learn, so only training processes import it."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from modeling import artifact
from modeling.learning import LearningOptions, Lesson, NotEnoughData, Rule, learn
from modeling.models import Deployment, FeatureRule
from modeling.reading import read_dataset
from modeling.scorecard import Scorecard

__all__ = ["Lesson", "NotEnoughData", "options", "study"]


def study(*, champion: Deployment | None, now: datetime, on_progress: Callable[[str, float], None]) -> Lesson:
    """A candidate learned from what was known at `now`, judged against the champion.

    Raises NotEnoughData with a sentence for a person.
    """
    leads = read_dataset(now=now)
    return learn(
        leads=leads,
        champion=scorecard_of(champion),
        now=now,
        rules=rules(),
        options=options(),
        on_progress=on_progress,
    )


def scorecard_of(deployed: Deployment | None) -> Scorecard | None:
    """The champion to compare with."""
    if deployed is None:
        return None
    row = deployed.version
    return artifact.load(bytes(row.artifact), row.sha256, version=row.version)


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
