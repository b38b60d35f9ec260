"""Which versions tell of one another: each was promoted as about as good as the one before it, and fresher.

A version that took over last night has no lead that came in since and matured; those before it in its family
learned the same from a few leads less, so what their scores were worth stands for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from modeling import registry
from modeling.models import Deployment, RetrainRun


@dataclass(frozen=True, slots=True)
class Family:
    """Newest first, the serving version at its head; `before` served until the family took over."""

    members: tuple[int, ...]
    before: int | None


def of_champion() -> Family | None:
    """None while nothing serves."""
    fields = "version_id", "kind", "version__comparison"
    rows = list(Deployment.objects.order_by("-pk").values_list(*fields))
    if not rows:
        return None
    breaks = world_began()
    oldest = 0
    while oldest + 1 < len(rows) and _follows(rows[oldest], rows[oldest + 1], breaks):
        oldest += 1
    members = dict.fromkeys(version for version, _, _ in rows[: oldest + 1])
    earlier = (version for version, _, _ in rows[oldest + 1 :] if version not in members)
    before = registry.previous_version() if oldest == 0 else next(earlier, None)
    return Family(tuple(members), before)


def best_so_far(deployed: Deployment) -> int:
    """The version none since was surely better than: a successor may not lose much against it, however many
    took over meanwhile as about as good. What a person puts in place past the gate begins anew.
    """
    told = deployed.version.comparison.get("best", {})
    if deployed.kind == Deployment.Kind.FORCE or told.get("beaten", True):
        return deployed.version_id
    return int(told["version"])


Row = tuple[int, str, Mapping[str, Mapping[str, float]]]


def _follows(row: Row, earlier: Row, breaks: Mapping[int, datetime]) -> bool:
    """Whether a version only refreshed the one before: not a person's choice, nor a better one, nor one of a
    world that began later.
    """
    version, kind, comparison = row
    surely_better = comparison.get("auc_difference", {}).get("low", 0.0) > 0
    same_world = breaks.get(version) == breaks.get(earlier[0])
    return kind == Deployment.Kind.PROMOTE and not surely_better and same_world


def world_began() -> dict[int, datetime]:
    """When the world began that a version learned; those that learned from everything are not there."""
    runs = RetrainRun.objects.filter(version__isnull=False, since__isnull=False)
    found = runs.order_by("pk").values_list("version_id", "since")
    return {version: since for version, since in found if version is not None and since is not None}
