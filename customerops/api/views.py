"""Leads in, scores out: the doors of the intake story."""

from http import HTTPStatus
from time import perf_counter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customerops import intake
from customerops.api import bodies, predicting, schema
from customerops.api.json import body_of
from customerops.api.problems import invalid
from leads.api.views import LeadList
from leads.attributes import Fault
from leads.models import Lead
from leads.services import NewLead
from modeling.metrics import PREDICTION_FAILED, PREDICTION_LATENCY


class PredictView(APIView):
    """A score for attributes alone."""

    required_scopes = {"POST": "read"}

    @extend_schema(
        operation_id="predict",
        tags=["scores"],
        summary="Score attributes; nothing is stored",
        request=schema.QuestionShape,
        responses=schema.ScoreShape,
    )
    def post(self, request: Request) -> HttpResponse:
        """Reached when the gateway leaves a request to Django; the same function answers both."""
        return HttpResponse(predicting.answer(body_of(request)), content_type="application/json")


class IntakeView(LeadList):
    """Adds new leads to the address that lists them."""

    required_scopes = {**LeadList.required_scopes, "POST": "write"}

    @extend_schema(
        operation_id="create_leads",
        tags=["leads"],
        summary="Store a lead, or up to 1,000 as an array, and answer with the score",
        description=(
            "An object is one lead: 201 with its score, or 200 with the stored lead's when its "
            "`external_id` is known. An array is a batch: 200 with one result for each item; an item that "
            "does not fit is refused in its place and the others are stored."
        ),
        request=schema.ONE_OR_MANY,
        responses={200: schema.SCORED_OR_BATCH, 201: schema.LeadScoreShape},
    )
    def post(self, request: Request) -> Response:
        """One or many, by the body's shape."""
        body = body_of(request)
        return self._many(body) if isinstance(body, list) else self._one(body)

    def _one(self, body: object) -> Response:
        started = perf_counter()
        moment = now()
        try:
            lead = bodies.new_lead(body, now=moment)
        except bodies.RefusedError as refused:
            PREDICTION_FAILED.inc()
            raise invalid(refused.faults) from refused
        [answer] = intake.receive(leads=[lead], now=moment)
        predicting.count(answer.scored)
        PREDICTION_LATENCY.observe(perf_counter() - started)
        return Response(_told(answer), status=HTTPStatus.CREATED if answer.new else HTTPStatus.OK)

    def _many(self, items: list[object]) -> Response:
        if len(items) > settings.BATCH_LIMIT:
            detail = f"has {len(items):,} leads; a batch may have {settings.BATCH_LIMIT:,}"
            raise invalid([Fault("", detail)])
        moment = now()
        read = [_read(item, index, moment) for index, item in enumerate(items)]
        answers = iter(intake.receive(leads=[one for one in read if isinstance(one, NewLead)], now=moment))
        results = [_counted(next(answers)) if isinstance(one, NewLead) else {"errors": one} for one in read]
        return Response(_summary(results))


class RescoreView(APIView):
    """A stored lead's score, made new."""

    required_scopes = {"POST": "write"}

    @extend_schema(
        operation_id="score_lead",
        tags=["scores"],
        summary="Score a stored lead with the version that serves now",
        request=None,
        responses=schema.LeadScoreShape,
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """No body is needed."""
        started = perf_counter()
        answer = intake.rescore(lead=get_object_or_404(Lead, pk=lead_id), now=now())
        predicting.count(answer.scored)
        PREDICTION_LATENCY.observe(perf_counter() - started)
        return Response(_told(answer))


def _read(item: object, index: int, moment: Any) -> NewLead | list[Fault]:
    try:
        return bodies.new_lead(item, now=moment, at=f"/{index}")
    except bodies.RefusedError as refused:
        PREDICTION_FAILED.inc()
        return refused.faults


def _counted(answer: intake.Answer) -> dict[str, Any]:
    predicting.count(answer.scored)
    return _told(answer)


def _told(answer: intake.Answer) -> dict[str, Any]:
    lead = answer.lead
    return {
        "lead_id": lead.pk,
        "created": answer.new,
        **intake.told(answer.scored),
        "scored_at": lead.scored_at,
    }


def _summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    stored = [result["created"] for result in results if "created" in result]
    return {
        "created": stored.count(True),
        "known": stored.count(False),
        "refused": len(results) - len(stored),
        "results": results,
    }
