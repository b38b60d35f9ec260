"""The archive of model versions and the ledger of what served when. The only writer of both.

Versions are immutable and deployments are only added: the newest deployment names the champion, so going back
is one more row and nothing is ever switched off.
"""

from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson
import structlog
from django.db import transaction
from django.utils.timezone import now

from modeling import artifact, wakeup
from modeling.locks import Lock, hold
from modeling.models import Deployment, ModelVersion
from privacy.keeping import kept
from privacy.kinds import Surface

BACK = (Deployment.Kind.ROLLBACK, Deployment.Kind.AUTO_ROLLBACK)

log = structlog.get_logger(__name__)


class RegistryError(Exception):
    """A request the registry refuses; the message is for the person who made it."""


class ChampionChanged(RegistryError):
    """Somebody else deployed while this candidate was being judged."""


class UnknownVersion(RegistryError):
    """There is no such version."""


class NothingToRollBackTo(RegistryError):
    """The ledger holds no earlier champion."""


class NeverServed(RegistryError):
    """Rolling back leads to versions that served; others have to be forced."""


class ReasonMissing(RegistryError):
    """A person changed the champion without saying who or why."""


def register(
    *,
    data: bytes,
    trained_at: datetime,
    verdict: str,
    reasons: list[str],
    comparison: dict[str, Any],
    origin: str,
) -> ModelVersion:
    """Archive a scorecard for ever. The same bytes are archived once: a second call returns the first row.

    Raises `artifact.ArtifactError` when the bytes are no scorecard this product would load.
    """
    sha256 = artifact.digest(data)
    scorecard = artifact.load(data, sha256)
    with transaction.atomic():
        hold(Lock.REGISTRY)
        if known := ModelVersion.objects.defer("artifact").filter(sha256=sha256).first():
            return known
        return ModelVersion.objects.create(
            version=_free_version(int(trained_at.timestamp())),
            artifact=data,
            sha256=sha256,
            trained_at=trained_at,
            auc=scorecard.auc,
            n_train=scorecard.n_train,
            verdict=verdict,
            reasons=reasons,
            comparison=plain(comparison),
            origin=origin[:200],
        )


def promote(*, version: int, judged_against: int | None, actor: str, reason: str) -> Deployment:
    """Make `version` the champion if the newest deployment is still `judged_against` (an id; None: none yet).

    Raises `ChampionChanged` for the loser of a race.
    """
    with transaction.atomic():
        hold(Lock.REGISTRY)
        newest = champion()
        if (newest.pk if newest else None) != judged_against:
            raise ChampionChanged(f"version {version} was judged against a champion that no longer serves")
        return _deploy(version, Deployment.Kind.PROMOTE, actor, reason)


def roll_back(
    *,
    to: int | None = None,
    actor: str,
    reason: str,
    kind: Deployment.Kind = Deployment.Kind.ROLLBACK,
    judged_against: int | None = None,
) -> Deployment:
    """Serve an earlier champion again: `to`, or the one the present champion was promoted over.

    With `judged_against`, the id of a deployment, only while that is the newest: else `ChampionChanged`.
    """
    if kind == Deployment.Kind.ROLLBACK:  # typed by a person
        reason = kept(reason, surface=Surface.DEPLOYMENT_REASON)
    with transaction.atomic():
        hold(Lock.REGISTRY)
        newest = champion()
        if judged_against is not None and (newest is None or newest.pk != judged_against):
            raise ChampionChanged("the version that was judged no longer serves")
        target = previous_version() if to is None else to
        if target is None:
            raise NothingToRollBackTo("no earlier version has served")
        _require(target)
        if not Deployment.objects.filter(version_id=target).exists():
            raise NeverServed(f"version {target} has never served; it can only be forced")
        return _deploy(target, kind, actor, reason)


def force(*, version: int, actor: str, reason: str) -> Deployment:
    """Make any archived version the champion without the gate's word. Shown as forced ever after."""
    reason = kept(reason, surface=Surface.DEPLOYMENT_REASON)
    with transaction.atomic():
        hold(Lock.REGISTRY)
        return _deploy(version, Deployment.Kind.FORCE, actor, reason)


def champion() -> Deployment | None:
    """The newest line of the ledger, its version without the artifact's bytes."""
    return Deployment.objects.select_related("version").defer("version__artifact").order_by("-pk").first()


def live_at(moment: datetime) -> Deployment | None:
    """What served at `moment`."""
    served = Deployment.objects.select_related("version").defer("version__artifact").filter(at__lte=moment)
    return served.order_by("-at", "-pk").first()


def previous_version() -> int | None:
    """The version that served before the champion first took over; going back twice goes back two steps."""
    newest = champion()
    if newest is None:
        return None
    rows = Deployment.objects.exclude(kind__in=BACK)
    took_over = rows.filter(version_id=newest.version_id).order_by("-pk").first() or newest
    earlier = Deployment.objects.filter(pk__lt=took_over.pk).exclude(version_id=newest.version_id)
    return earlier.order_by("-pk").values_list("version_id", flat=True).first()


def abandoned() -> set[int]:
    """The versions that somebody, or the product by itself, rolled back from. Only a person puts one of them
    back.
    """
    rows = list(Deployment.objects.order_by("pk").values_list("version_id", "kind"))
    return {left for (left, _), (_, kind) in pairwise(rows) if kind in BACK}


def is_forced(deployed: Deployment) -> bool:
    """Whether the version came past the gate: the newest line that is no way back forced it."""
    came = Deployment.objects.filter(version_id=deployed.version_id).exclude(kind__in=BACK).order_by("-pk")
    return came.values_list("kind", flat=True).first() == Deployment.Kind.FORCE


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: numpy's numbers become numbers, NaN becomes null."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS))


def _deploy(version: int, kind: Deployment.Kind, actor: str, reason: str) -> Deployment:
    if not actor.strip() or not reason.strip():
        raise ReasonMissing("say who changes the serving version and why")
    _require(version)
    newest = Deployment.objects.order_by("-pk").first()
    # Two hosts' clocks may differ; the ledger's times never run backwards.
    at = max(now(), newest.at) if newest else now()
    row = Deployment.objects.create(
        version_id=version, kind=kind, actor=actor[:150], reason=reason[:500], at=at
    )
    transaction.on_commit(wakeup.ring)
    log.info("model_deployed", version=version, kind=str(kind), actor=actor)
    return row


def _require(version: int) -> None:
    if not ModelVersion.objects.filter(pk=version).exists():
        raise UnknownVersion(f"there is no version {version}")


def _free_version(wanted: int) -> int:
    taken = set(
        ModelVersion.objects.filter(pk__gte=wanted, pk__lt=wanted + 1000).values_list("pk", flat=True)
    )
    return next(number for number in range(wanted, wanted + 1001) if number not in taken)
