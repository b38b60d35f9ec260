"""POST /v1/predict from parsed body to finished bytes: what Django's door and the gateway's both call."""

from http import HTTPStatus
from time import perf_counter

from django.utils.timezone import now

from customerops import scoring
from customerops.api import bodies
from customerops.api.fields import RefusedError
from customerops.api.json import dumps
from customerops.api.problems import invalid
from leads.values import safe_values
from modeling import metrics, serving


def answer(body: object) -> tuple[int, bytes]:
    """A score with reasons; nothing is stored. Raises Problem for a body that does not fit."""
    started = perf_counter()
    try:
        asked = bodies.question(body, now=now())
    except RefusedError as refused:
        metrics.PREDICTION_FAILED.inc()
        raise invalid(refused.faults) from refused
    # A lead with the same attributes is scored by what is kept of them, so they are read the same way here.
    attributes, source = safe_values(attributes=asked.attributes, source=asked.source)
    scored = scoring.score(
        attributes=attributes,
        source=source,
        created_at=asked.created_at,
        loaded=serving.current(),
    )
    content = dumps(scoring.told(scored))
    count(scored)
    metrics.PREDICTION_LATENCY.observe(perf_counter() - started)
    return HTTPStatus.OK, content


def count(scored: scoring.Scored) -> None:
    """One more score given, or asked for in vain."""
    (metrics.PREDICTION_NO_MODEL if scored.score is None else metrics.PREDICTION_SCORED).inc()
