"""What an operator asks first: what serves, since when and why, where, and what the last run said."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from modeling import fleet, registry
from modeling.models import Deployment, ModelVersion, RetrainRun

LEDGER_LINES = 5


@dataclass(frozen=True, slots=True)
class Champion:
    """The version that serves. `auc` is None when it was registered without hold-out leads."""

    version: int
    sha256: str
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    n_train: int
    trained_at: datetime
    age_hours: float
    verdict: str
    kind: str
    actor: str
    reason: str
    deployed_at: datetime
    previous_version: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run in short."""

    id: int
    slot: str
    trigger: str
    status: str
    phase: str
    progress: float
    verdict: str
    reasons: list[str]
    error: str
    requested_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger."""

    version: int
    kind: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """Everything on one page."""

    champion: Champion | None
    processes_total: int
    processes_on_version: int
    last_run: Run | None
    ledger: list[Line]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def status(*, now: datetime) -> Status:
    """As the rows stand."""
    deployed = registry.champion()
    serving = fleet.count(deployed.version_id if deployed else None)
    newest = RetrainRun.objects.order_by("-pk").first()
    lines = Deployment.objects.order_by("-pk")[:LEDGER_LINES]
    return Status(
        champion=_champion(deployed, now) if deployed else None,
        processes_total=serving.total,
        processes_on_version=serving.on_version,
        last_run=run_of(newest) if newest else None,
        ledger=[Line(line.version_id, line.kind, line.actor, line.reason, line.at) for line in lines],
    )


def auc_interval(version: ModelVersion) -> tuple[float | None, float | None]:
    """The bounds the gate wrote beside the AUC."""
    row = version.comparison.get("candidate", {})
    return row.get("auc_low"), row.get("auc_high")


def run_of(row: RetrainRun) -> Run:
    """A run's row in short."""
    return Run(
        id=row.pk,
        slot=row.slot,
        trigger=row.trigger,
        status=row.status,
        phase=row.phase,
        progress=row.progress,
        verdict=row.verdict,
        reasons=row.reasons,
        error=row.error,
        requested_at=row.requested_at,
        completed_at=row.completed_at,
    )


def _champion(deployed: Deployment, now: datetime) -> Champion:
    version = deployed.version
    low, high = auc_interval(version)
    return Champion(
        version=version.version,
        sha256=version.sha256,
        auc=version.auc,
        auc_low=low,
        auc_high=high,
        n_train=version.n_train,
        trained_at=version.trained_at,
        age_hours=round((now - version.trained_at).total_seconds() / 3600, 2),
        verdict=version.verdict,
        kind=deployed.kind,
        actor=deployed.actor,
        reason=deployed.reason,
        deployed_at=deployed.at,
        previous_version=registry.previous_version(),
    )
