"""POST /v1/leads/{id}/messages from parsed body to finished bytes."""

from http import HTTPStatus
from time import perf_counter
from uuid import UUID

from django.utils.timezone import now

from customerops import conversing, scoring
from customerops.api import messages, predicting
from customerops.api.fields import RefusedError
from customerops.api.json import dumps
from customerops.api.problems import Problem, invalid
from customerops.api.volume import refuse_flood
from leads.models import Lead
from modeling import serving
from modeling.metrics import PREDICTION_LATENCY


def answer(lead_id: UUID, body: object) -> tuple[int, bytes]:
    """One message or many. Raises Problem for a body that does not fit and a lead that is not there."""
    started = perf_counter()
    moment = now()
    try:
        said = messages.of_body(body, now=moment)
    except RefusedError as refused:
        raise invalid(refused.faults) from refused
    refuse_flood(messages=said)
    try:
        conversed = conversing.converse(lead_id=lead_id, messages=said, loaded=serving.current(), now=moment)
    except Lead.DoesNotExist as error:
        raise Problem(404, "there is no lead with this id") from error
    lead = conversed.lead
    content = dumps(
        {
            "lead_id": lead.pk,
            "messages": messages.told(conversed),
            "opted_out_at": lead.opted_out_at,
            **scoring.told(conversed.scored),
            "scored_at": lead.scored_at,
        }
    )
    predicting.count(conversed.scored)
    PREDICTION_LATENCY.observe(perf_counter() - started)
    return (HTTPStatus.CREATED if any(conversed.new) else HTTPStatus.OK), content
