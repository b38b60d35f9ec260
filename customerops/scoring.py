"""A score with what it saw: given, put on the lead, kept in the history, told.

Whoever scores several times for one answer reads the serving version once and passes it on, so no answer and
no batch mixes two versions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson

from followups import enrolling
from followups.models import Trigger
from leads import services, statements
from leads.models import Lead
from leads.services import LeadScore
from leads.signals import Signals
from leads.statements import Prepared, Statement
from modeling import serving
from modeling.features import Value, snapshot
from modeling.scorecard import Score


@dataclass(frozen=True, slots=True)
class Scored:
    """A score with the features it saw. `score` and `version` are None while no model serves."""

    features: dict[str, Value]
    score: Score | None
    version: int | None


# For one score or a thousand; as one JSON document, a third of bulk_create's time. A lead that is not there
# came in before under another id.
_REMEMBER = Prepared(
    "remember_predictions",
    """
    INSERT INTO modeling_prediction (lead_id, version_id, probability, grade, features, heard_until, at)
    SELECT lead, version, probability, grade, features, heard_until, $1::timestamptz
    FROM jsonb_to_recordset($2::jsonb)
         AS new (lead uuid, version bigint, probability float8, grade text, features jsonb,
                 heard_until timestamptz)
    WHERE EXISTS (SELECT FROM leads_lead WHERE id = lead)
    """,
)


def score(
    *,
    attributes: Mapping[str, Value],
    source: str,
    created_at: datetime,
    signals: Signals = MappingProxyType({}),
    loaded: serving.Loaded | None,
) -> Scored:
    """Score with `loaded`, the version that serves."""
    features = snapshot(attributes=attributes, source=source, signals=signals)
    if loaded is None:
        return Scored(features, None, None)
    return Scored(features, loaded.scorecard.score(features, created_at), loaded.version)


def score_lead(lead: Lead, *, loaded: serving.Loaded | None) -> Scored:
    """Score a stored lead with all that is known of it now."""
    return score(
        attributes=lead.attributes,
        source=lead.source,
        created_at=lead.created_at,
        signals=lead.signals,
        loaded=loaded,
    )


def replace(scored: Mapping[UUID, tuple[Lead, Scored]], *, now: datetime) -> None:
    """Put new scores on stored leads and in the history; policies that want the leads now take them in."""
    if not scored:
        return
    scores = {key: lead_score(one, now=now) for key, (_, one) in scored.items()}
    for key, (lead, _) in scored.items():
        _show(lead, scores[key])
    statements.run(
        remembering(scored.values(), now=now),
        services.scoring(scores=scores),
        *enrolling.enrolling([lead for lead, _ in scored.values()], trigger=Trigger.CHANGED, now=now),
    )


def _show(lead: Lead, score: LeadScore) -> None:
    lead.probability, lead.grade = score.probability, score.grade
    lead.model_version, lead.scored_at = score.model_version, score.scored_at


def remembering(scored: Iterable[tuple[Lead, Scored]], *, now: datetime) -> Statement:
    """Stores the predictions of leads."""
    predictions = [_prediction(lead, one) for lead, one in scored]
    return Statement(_REMEMBER, [now, orjson.dumps(predictions).decode()])


def _prediction(lead: Lead, scored: Scored) -> dict[str, object]:
    score = scored.score
    return {
        "lead": lead.pk,
        "version": scored.version,
        "probability": score.probability if score else None,
        "grade": score.grade if score else "",
        "features": scored.features,
        "heard_until": lead.replied_at,
    }


def lead_score(scored: Scored, *, now: datetime) -> LeadScore:
    """The score as the lead's row shows it."""
    if scored.score is None:
        return LeadScore()
    return LeadScore(
        probability=scored.score.probability,
        grade=scored.score.grade,
        model_version=scored.version,
        scored_at=now,
    )


def told(scored: Scored) -> dict[str, Any]:
    """A score as every door answers it."""
    score = scored.score
    if score is None:
        return {
            "probability": None,
            "grade": None,
            "evidence": None,
            "reasons": [],
            "model_version": None,
            "reason": "no_model",
        }
    return {
        "probability": score.probability,
        "grade": score.grade,
        "evidence": score.evidence,
        "reasons": [
            {"feature": one.feature, "value": one.value, "effect": one.effect, "text": one.text}
            for one in score.reasons
        ],
        "model_version": scored.version,
    }
