"""The story of a lead that comes in: scored with reasons, stored with the score and what it saw, answered.

Every function reads the serving version once, so no answer and no batch mixes two versions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson

from leads import services, statements
from leads.models import Lead
from leads.services import LeadScore, NewLead
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


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored lead with its score; `new` is False when its external id was known."""

    lead: Lead
    new: bool
    scored: Scored


# For one score or a thousand; as one JSON document, a third of bulk_create's time. A lead that is not there
# came in before under another id.
_REMEMBER = Prepared(
    "remember_predictions",
    """
    INSERT INTO modeling_prediction (lead_id, version_id, probability, grade, features, at)
    SELECT lead, version, probability, grade, features, $1::timestamptz
    FROM jsonb_to_recordset($2::jsonb)
         AS new (lead uuid, version bigint, probability float8, grade text, features jsonb)
    WHERE EXISTS (SELECT FROM leads_lead WHERE id = lead)
    """,
)


def score(*, attributes: Mapping[str, Value], source: str, created_at: datetime) -> Scored:
    """Score with the version that serves now."""
    return _score(serving.current(), attributes, source, created_at)


def receive(*, leads: Sequence[NewLead], now: datetime) -> list[Answer]:
    """Score and store leads, all or none, and answer in their order.

    A lead whose external id is known keeps what is stored; it is scored again if another version serves now.
    """
    loaded = serving.current()
    scored = [_score_new(loaded, lead, now) for lead in leads]
    created = services.create_leads(
        leads=[replace(lead, score=_lead_score(one, now)) for lead, one in zip(leads, scored, strict=True)],
        now=now,
        along=lambda rows: [_remembering(zip([row.pk for row in rows], scored, strict=True), now)],
    )
    answers = [
        Answer(made.lead, made.new, one if made.new else _score_lead(loaded, made.lead))
        for made, one in zip(created, scored, strict=True)
    ]
    _replace({answer.lead.pk: answer for answer in answers if _is_outdated(answer)}, now)
    return answers


def rescore(*, lead: Lead, now: datetime) -> Answer:
    """Score a stored lead again; what it had stays in the history, and on the lead while no model serves."""
    answer = Answer(lead, False, _score_lead(serving.current(), lead))
    if answer.scored.score is not None:
        _replace({lead.pk: answer}, now)
    return answer


def _score(
    loaded: serving.Loaded | None, attributes: Mapping[str, Value], source: str, created_at: datetime
) -> Scored:
    features = snapshot(attributes=attributes, source=source)
    if loaded is None:
        return Scored(features, None, None)
    return Scored(features, loaded.scorecard.score(features, created_at), loaded.version)


def _score_new(loaded: serving.Loaded | None, lead: NewLead, now: datetime) -> Scored:
    attributes = cast(Mapping[str, Value], lead.attributes)
    return _score(loaded, attributes, lead.source, lead.created_at or now)


def _score_lead(loaded: serving.Loaded | None, lead: Lead) -> Scored:
    return _score(loaded, lead.attributes, lead.source, lead.created_at)


def _is_outdated(answer: Answer) -> bool:
    version = answer.scored.version
    return not answer.new and version is not None and version != answer.lead.model_version


def _replace(answers: Mapping[UUID, Answer], now: datetime) -> None:
    """Put new scores on stored leads and in the history."""
    if not answers:
        return
    scores = {key: _lead_score(answer.scored, now) for key, answer in answers.items()}
    history = _remembering([(key, answer.scored) for key, answer in answers.items()], now)
    statements.run(history, services.scoring(scores=scores))
    for key, answer in answers.items():
        _show(answer.lead, scores[key])


def _show(lead: Lead, score: LeadScore) -> None:
    lead.probability, lead.grade = score.probability, score.grade
    lead.model_version, lead.scored_at = score.model_version, score.scored_at


def _remembering(scored: Iterable[tuple[UUID, Scored]], now: datetime) -> Statement:
    predictions = [_prediction(lead, one) for lead, one in scored]
    return Statement(_REMEMBER, [now, orjson.dumps(predictions).decode()])


def _prediction(lead: UUID, scored: Scored) -> dict[str, object]:
    score = scored.score
    return {
        "lead": lead,
        "version": scored.version,
        "probability": score.probability if score else None,
        "grade": score.grade if score else "",
        "features": scored.features,
    }


def _lead_score(scored: Scored, now: datetime) -> LeadScore:
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
