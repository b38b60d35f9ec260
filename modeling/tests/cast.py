"""What the tests of this app share: small scorecards, archived versions, and the processes that serve them."""

from datetime import UTC, datetime

from modeling import artifact, registry
from modeling.features import Bins, FeatureSpec
from modeling.models import Deployment, ModelVersion
from modeling.scorecard import Card, Term

TRAINED_AT = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)


def card_bytes(*, base: float = 0.0, auc: float | None = 0.78, n_train: int = 523) -> bytes:
    """A scorecard with one feature, `visits`; another `base` makes another artifact."""
    bins = Bins(spec=FeatureSpec("visits", "visits"), edges=(2.0,), categories=())
    term = Term(bins=bins, table=(0.0, -0.5, 0.5), support=(0, 200, n_train - 200))
    card = Card(base=base, terms=(term,), pairs=(), grades=(0.8, 0.5, 0.2), n_train=n_train)
    return artifact.dump(artifact.document_of(card=card, judged=None, auc=auc, metrics={}, recipe={}))


def archived(*, base: float = 0.0, auc: float | None = 0.78, verdict: str = "promote") -> ModelVersion:
    """A version in the archive that nobody deployed."""
    return registry.register(
        data=card_bytes(base=base, auc=auc),
        trained_at=TRAINED_AT,
        verdict=verdict,
        reasons=["better by 0.031 AUC"],
        comparison={},
        origin="a test",
    )


def promoted(*, base: float = 0.0) -> Deployment:
    """A version that serves."""
    newest = registry.champion()
    return registry.promote(
        version=archived(base=base).version,
        judged_against=newest.pk if newest else None,
        actor="ada",
        reason="it is better",
    )
