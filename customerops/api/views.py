"""Leads in, scores out: the doors of the intake story."""

from time import perf_counter
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customerops import intake
from customerops.api import predicting, receiving, schema, talking
from customerops.api.json import body_of
from leads.api.views import LeadList
from leads.models import Lead
from modeling.metrics import PREDICTION_LATENCY


class PredictView(APIView):
    """A score for attributes alone."""

    required_scopes = {"POST": "read"}

    @extend_schema(
        operation_id="predict",
        tags=["scores"],
        summary="Score attributes; nothing is stored",
        description="Attributes that the model does not know do not move the score.",
        request=schema.QuestionShape,
        responses=schema.ScoreShape,
    )
    def post(self, request: Request) -> HttpResponse:
        """Reached when the gateway leaves a request to Django; the same function answers both."""
        status, content = predicting.answer(body_of(request))
        return HttpResponse(content, status=status, content_type="application/json")


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
        responses={
            200: schema.SCORED_OR_BATCH,
            201: schema.LeadScoreShape,
            **schema.problem(410, "The person was erased"),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Reached when the gateway leaves a request to Django; the same function answers both."""
        status, content = receiving.answer(body_of(request))
        return HttpResponse(content, status=status, content_type="application/json")


class MessagesView(APIView):
    """What is said, by the lead or by an agent."""

    required_scopes = {"POST": "write"}

    @extend_schema(
        operation_id="add_messages",
        tags=["messages"],
        summary="Add a message to a lead's conversation, or up to 1,000 as an array",
        description=(
            "What is personal is taken out before anything is stored. The lead's messages are judged "
            "(intent, sentiment, urgency) and the lead is scored again; an agent's are only remembered, and "
            "tell what a bare answer is about. An array is one conversation in its order, taken whole or "
            "refused whole, also when it holds more than 1,000,000 characters. 201, or 200 when every "
            "`external_id` was known."
        ),
        request=schema.MESSAGE_OR_MESSAGES,
        responses={200: schema.ConversedShape, 201: schema.ConversedShape},
    )
    def post(self, request: Request, lead_id: UUID) -> HttpResponse:
        """An opt-out in it counts at once."""
        status, content = talking.answer(lead_id, body_of(request))
        return HttpResponse(content, status=status, content_type="application/json")


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
        lead = get_object_or_404(Lead.objects.defer("contact"), pk=lead_id)
        answer = intake.rescore(lead=lead, now=now())
        predicting.count(answer.scored)
        PREDICTION_LATENCY.observe(perf_counter() - started)
        return Response(receiving.told(answer))
