"""What the tests of this app share: small scorecards, archived versions, leads that ended."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from django.utils.timezone import now

from leads.models import Lead, Outcome, State
from modeling import artifact, registry
from modeling.features import Bins, FeatureSpec
from modeling.models import Deployment, ModelVersion
from modeling.scorecard import Card, Term

Found = TypeVar("Found")
TRAINED_AT = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)


def the(value: Found | None) -> Found:
    """What is surely there."""
    assert value is not None
    return value


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


def past_leads(number: int = 1200, *, liking: float = 1.0, seed: int = 3) -> None:
    """Leads of half a year that all ended. Partners with many visits book; with `liking` 0, anybody."""
    random = Random(seed)
    born = [now() - timedelta(days=180 * (1 - k / number) + 12) for k in range(number)]
    leads = [
        Lead(
            source=random.choice(["partner", "web"]),
            attributes={"visits": random.randrange(12)},
            created_at=at,
            matures_at=at + timedelta(days=10),
        )
        for at in born
    ]
    Lead.objects.bulk_create(leads)
    Outcome.objects.bulk_create(_ending(lead, liking, random) for lead in leads)


def _ending(lead: Lead, liking: float, random: Random) -> Outcome:
    pull = 0.4 * (lead.source == "partner") + 0.035 * lead.attributes["visits"]
    state = State.BOOKED if random.random() < 0.1 + liking * pull else State.GHOSTED
    at = lead.created_at + timedelta(days=3)
    return Outcome(lead=lead, state=state, occurred_at=at, recorded_at=at)
