"""POST /v1/leads from parsed body to finished bytes: what Django's door and the gateway's both call."""

from datetime import datetime
from http import HTTPStatus
from time import perf_counter
from typing import Any

from django.conf import settings
from django.utils.timezone import now

from customerops import intake, scoring
from customerops.api import bodies, messages, predicting
from customerops.api.fields import RefusedError
from customerops.api.json import dumps
from customerops.api.problems import Problem, invalid
from customerops.api.volume import refuse_flood
from leads.attributes import Fault
from leads.services import NewLead
from modeling.metrics import PREDICTION_FAILED, PREDICTION_LATENCY

MOST_FAULTS = 20  # that are told of one lead of a batch
ERASED = "this person was erased: an erased lead, or what is dated before the erasure, is not stored again"


def answer(body: object) -> tuple[int, bytes]:
    """One lead or many, by the body's shape. Raises Problem for a body that does not fit."""
    return _many(body) if isinstance(body, list) else _one(body)


def _one(body: object) -> tuple[int, bytes]:
    started = perf_counter()
    moment = now()
    try:
        lead = bodies.new_lead(body, now=moment)
    except RefusedError as refused:
        PREDICTION_FAILED.inc()
        raise invalid(refused.faults) from refused
    refuse_flood(leads=[lead])
    [received] = intake.receive(leads=[lead], now=moment)
    if received.erased:
        raise Problem(HTTPStatus.GONE, ERASED)
    content = dumps(told(received))
    predicting.count(received.scored)
    PREDICTION_LATENCY.observe(perf_counter() - started)
    return HTTPStatus.CREATED if received.new else HTTPStatus.OK, content


def _many(items: list[object]) -> tuple[int, bytes]:
    if len(items) > settings.BATCH_LIMIT:
        detail = f"has {len(items):,} leads; a batch may have {settings.BATCH_LIMIT:,}"
        raise invalid([Fault("", detail)])
    moment = now()
    read = [_read(item, index, moment) for index, item in enumerate(items)]
    leads = [one for one in read if isinstance(one, NewLead)]
    refuse_flood(leads=leads)
    answers = iter(intake.receive(leads=leads, now=moment))
    results = [
        _counted(next(answers), at) if isinstance(one, NewLead) else {"errors": one}
        for at, one in enumerate(read)
    ]
    return HTTPStatus.OK, dumps(_summary(results))


def told(answer: intake.Answer) -> dict[str, Any]:
    """A stored lead's score as every door answers it."""
    lead = answer.lead
    told: dict[str, Any] = {
        "lead_id": lead.pk,
        "created": answer.new,
        **scoring.told(answer.scored),
        "scored_at": lead.scored_at,
    }
    if answer.conversed is not None:
        told["opted_out_at"] = lead.opted_out_at
        told["messages"] = messages.told(answer.conversed)
    return told


def _read(item: object, index: int, moment: datetime) -> NewLead | list[Fault]:
    try:
        return bodies.new_lead(item, now=moment, at=f"/{index}")
    except RefusedError as refused:
        PREDICTION_FAILED.inc()
        return refused.faults[:MOST_FAULTS]


def _counted(answer: intake.Answer, at: int) -> dict[str, Any]:
    if answer.erased:
        return {"errors": [Fault(f"/{at}", ERASED)]}
    predicting.count(answer.scored)
    return told(answer)


def _summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    stored = [result["created"] for result in results if "created" in result]
    return {
        "created": stored.count(True),
        "known": stored.count(False),
        "refused": len(results) - len(stored),
        "results": results,
    }
