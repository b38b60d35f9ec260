"""A scorecard that was trained elsewhere: archived, then judged like any candidate on the leads known here.

Imports numpy and scikit-learn: for the command that registers files, never for web processes.
"""

from dataclasses import dataclass
from datetime import datetime

from modeling import artifact, registry, study
from modeling.models import Deployment, ModelVersion


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a file. `deployment` put the version in place; None: it only waits in the archive."""

    version: ModelVersion
    verdict: str
    reasons: list[str]
    deployment: Deployment | None


def register_file(*, data: bytes, actor: str, now: datetime) -> Registered:
    """Archive the bytes, promote them if the gate says so. Raises ArtifactError for what is no scorecard.

    What serves already is left as it was put in place: beside itself it is always as good, and one more line
    of the ledger would hide that it was forced, or gone back to.
    """
    champion = registry.champion()
    if champion is not None and champion.version.sha256 == artifact.digest(data):
        return Registered(champion.version, "hold", ["This very scorecard serves already."], champion)
    judgement = study.judge(candidate=artifact.load(data), champion=champion, now=now)
    version = _archived(data, judgement, actor, now)
    deployment = None
    if judgement.verdict == "promote":
        deployment = registry.promote(
            version=version.version,
            judged_against=champion.pk if champion else None,
            actor=actor,
            reason="; ".join(judgement.reasons),
        )
    return Registered(version, judgement.verdict, judgement.reasons, deployment)


def force_file(*, data: bytes, actor: str, reason: str, now: datetime) -> Registered:
    """Archive the bytes and serve them whatever the gate would say."""
    unjudged = study.Judgement("hold", ["Registered by force, not judged."], None, {})
    version = _archived(data, unjudged, actor, now)
    deployment = registry.force(version=version.version, actor=actor, reason=reason)
    return Registered(version, unjudged.verdict, unjudged.reasons, deployment)


def _archived(data: bytes, judgement: study.Judgement, actor: str, now: datetime) -> ModelVersion:
    # The artifact holds no clock, so the number is the second it came in.
    return registry.register(
        data=data,
        trained_at=now,
        verdict=judgement.verdict,
        reasons=judgement.reasons,
        comparison=judgement.table,
        origin=f"registered by {actor}",
    )
