"""A business that was served: leads that a version scored as they came in, and that ended since."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from leads.models import Lead, Outcome, State
from modeling import artifact, registry
from modeling.features import Bins, FeatureSpec
from modeling.models import Deployment, ModelVersion, Prediction
from modeling.scorecard import Card, Scorecard, Term

NOW = datetime(2026, 3, 2, 4, 20, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
VISITS = 12
MATURES = 10  # days after arrival


def sloping(slope: float = 0.5, *, base: float = -1.0, order: Sequence[int] = range(VISITS)) -> Card:
    """Each visit more adds `slope` to the log-odds, in this order; the past had as many leads at each."""
    bins = Bins(FeatureSpec("visits", "visits"), edges=tuple(float(k) for k in range(1, VISITS)))
    table = (0.0, *((order[k] - 5.5) * slope for k in range(VISITS)))
    term = Term(bins=bins, table=table, support=(0, *[100] * VISITS), integer=True)
    return Card(base=base, terms=(term,), pairs=(), grades=(0.8, 0.5, 0.2), n_train=100 * VISITS)


def version_of(
    card: Card,
    *,
    days_ago: float = 200,
    auc: float | None = 0.8,
    low: float = 0.78,
    gain: float = 0.02,
    best: dict[str, object] | None = None,
) -> ModelVersion:
    """An archived version that was trained some days before NOW. `gain`: the AUC it surely had above the one
    that served; below 0 it was only fresher. `best`: how it stood beside the best version before it.
    """
    document = artifact.document_of(card=card, judged=None, auc=auc, metrics={}, recipe={})
    return registry.register(
        data=artifact.dump(document),
        trained_at=NOW - days_ago * DAY,
        verdict="promote",
        reasons=["better"],
        comparison={
            "candidate": {"auc_low": low, "auc_high": 0.82},
            "auc_difference": {"point": gain + 0.02, "low": gain, "high": gain + 0.04},
            **({"best": best} if best else {}),
        },
        origin="a test",
    )


def serving(card: Card, **how) -> Deployment:
    """It serves from now on."""
    newest = registry.champion()
    version = version_of(card, **how).version
    return registry.promote(
        version=version, judged_against=newest.pk if newest else None, actor="ada", reason="it is better"
    )


def serve(
    number: int,
    *,
    by: ModelVersion,
    matured: tuple[float, float] = (28, 1),
    truth: Card | None = None,
    seed: int = 3,
    visits: range = range(VISITS),
    now: datetime = NOW,
) -> list[Lead]:
    """Leads that `by` scored, and that book as `truth` has it (None: as `by` says).

    `matured`: days before NOW of the first lead's maturity and of the last one's.
    """
    random, first, last = Random(seed), *matured
    said = artifact.load(bytes(by.artifact), by.sha256)
    real = said if truth is None else Scorecard(truth)
    leads, outcomes, predictions = [], [], []
    for k in range(number):
        at = now - (first + (last - first) * k / max(1, number - 1)) * DAY
        seen = {"visits": random.choice(visits), "lead.source": "web"}
        came = at - MATURES * DAY
        lead = Lead(source="web", attributes=seen, created_at=came, matures_at=at)
        books = random.random() < real.probability(seen, came)
        ended = came + 3 * DAY
        state = State.BOOKED if books else State.GHOSTED
        leads.append(lead)
        outcomes.append(Outcome(lead=lead, state=state, occurred_at=ended, recorded_at=ended))
        predictions.append(
            Prediction(
                lead=lead, version=by, features=seen, at=came, probability=said.probability(seen, came)
            )
        )
    Lead.objects.bulk_create(leads)
    Outcome.objects.bulk_create(outcomes)
    Prediction.objects.bulk_create(predictions)
    return leads


def report(lead: Lead, state: State, *, at: datetime) -> None:
    """Somebody says, at a moment, how a lead ended on its third day."""
    Outcome.objects.create(lead=lead, state=state, occurred_at=lead.created_at + 3 * DAY, recorded_at=at)
