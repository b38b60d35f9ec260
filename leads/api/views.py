"""Reading leads, and reporting how they ended."""

from dataclasses import asdict
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from leads import recall, services
from leads.api.filters import LeadFilter
from leads.api.serializers import LeadDetail, LeadShape, MemoryShape, OutcomeReport, OutcomeShape
from leads.models import Lead, LeadQuerySet, Outcome


class LeadList(ListAPIView[Lead]):
    """Leads, newest first. The door that creates them is an upper app's: it adds POST to this address."""

    required_scopes = {"GET": "read"}
    serializer_class = LeadShape
    filterset_class = LeadFilter

    def get_queryset(self) -> LeadQuerySet:
        """Contact details stay where they are."""
        return Lead.objects.defer("contact").with_state()

    @extend_schema(operation_id="list_leads", tags=["leads"], summary="List leads, newest first")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """One page."""
        return super().get(request, *args, **kwargs)


class LeadView(RetrieveAPIView[Lead]):
    """One lead with its outcomes."""

    required_scopes = {"GET": "read"}
    serializer_class = LeadDetail
    lookup_url_kwarg = "lead_id"

    def get_queryset(self) -> LeadQuerySet:
        """The newest outcome first."""
        history = Outcome.objects.order_by("-recorded_at", "-id")
        return (
            Lead.objects.defer("contact")
            .with_state()
            .prefetch_related(Prefetch("outcomes", queryset=history, to_attr="history"))
        )

    @extend_schema(operation_id="read_lead", tags=["leads"], summary="Read a lead and how it ended")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """All that is known but the contact."""
        return super().get(request, *args, **kwargs)


class OutcomeView(APIView):
    """How a lead ended. Rows are only added; the newest is the truth, so a correction is one more row."""

    required_scopes = {"POST": "write"}

    @extend_schema(
        operation_id="record_outcome",
        tags=["leads"],
        summary="Record how a lead ended, or correct it",
        request=OutcomeReport,
        responses={201: OutcomeShape},
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Refuses dates before the lead came in or in the future."""
        report = OutcomeReport(data=request.data)
        report.is_valid(raise_exception=True)
        lead = get_object_or_404(Lead.objects.defer("contact"), pk=lead_id)
        try:
            outcome = services.record_outcome(lead=lead, now=now(), **report.validated_data)
        except services.OutcomeRefusedError as refused:
            raise ValidationError({refused.field: [str(refused)]}) from refused
        except Lead.DoesNotExist as erased:  # since we looked
            raise Http404 from erased
        return Response(OutcomeShape(outcome).data, status=status.HTTP_201_CREATED)


class MemoryView(APIView):
    """What an agent remembers of a conversation."""

    required_scopes = {"GET": "read"}

    @extend_schema(
        operation_id="read_memory",
        tags=["messages"],
        summary="Read the newest turns of a lead's conversation, redacted",
        responses=MemoryShape,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """From Redis; from the record in Postgres while Redis is away or behind."""
        try:
            recalled = recall.recall(lead=lead_id, now=now())
        except Lead.DoesNotExist as error:
            raise NotFound from error
        return Response(
            {
                "lead_id": lead_id,
                "turns": [asdict(turn) for turn in recalled.turns],
                "source": recalled.source,
            }
        )
