"""The queue of follow-ups, the switch of everything, and what became of the steps of one lead."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from followups import outside, policies, queue, settling, standing, stopping
from followups.api import serializers
from followups.api.views import switching
from followups.models import FollowUp, Status
from leads.api.base import Conflict, OpsView, read
from leads.models import Lead

SETTLE = {"arrived": settling.sent, "send_again": settling.send_again, "give_up": settling.give_up}


class LeadFollowUpsView(APIView):
    """What became of each step for one lead, and why."""

    required_scopes = {"GET": "read"}

    @extend_schema(
        operation_id="read_lead_followups",
        tags=["followups"],
        summary="Each step for a lead: sent, held, cancelled, failed, in doubt or scheduled, and why",
        responses=serializers.LeadFollowUps,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """As it would be decided now."""
        get_object_or_404(Lead.objects.only("pk"), pk=lead_id)
        moment = now()
        told = {
            "lead_id": lead_id,
            "followups": standing.of_lead(lead_id, now=moment),
            "not_enrolled": outside.of_lead(lead_id, now=moment),
        }
        return Response(serializers.LeadFollowUps(told).data)


class StopView(APIView):
    """A person ends the follow-ups of one lead."""

    required_scopes = {"POST": "write"}

    @extend_schema(
        operation_id="stop_lead_followups",
        tags=["followups"],
        summary="Stop the follow-ups of a lead; what waits is cancelled",
        request=serializers.Reasoned,
        responses=serializers.Stopped,
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """A second time changes nothing."""
        get_object_or_404(Lead.objects.only("pk"), pk=lead_id)
        asked = read(serializers.Reasoned, request)
        stopped = stopping.stop(lead=lead_id, actor=str(request.user), now=now(), **asked)
        return Response({"lead_id": lead_id, "stopped": stopped})


class FollowUpFilter(filters.FilterSet):  # type: ignore[misc]
    """All are optional and all must hold."""

    status = filters.ChoiceFilter(choices=Status.choices)
    policy = filters.NumberFilter(field_name="policy_id", label="Its id")

    class Meta:
        model = FollowUp
        fields: list[str] = []


class ByTime(api_settings.DEFAULT_PAGINATION_CLASS):  # type: ignore[name-defined,misc]
    """Ids grow with time."""

    ordering = ("-id",)


class FollowUpsView(ListAPIView[FollowUp]):
    """Steps as the queue has them."""

    required_scopes = {"GET": "read"}
    serializer_class = serializers.FollowUpShape
    filterset_class = FollowUpFilter
    pagination_class = ByTime

    def get_queryset(self) -> QuerySet[FollowUp]:
        """With the name of the policy."""
        return FollowUp.objects.select_related("policy")

    @extend_schema(
        operation_id="list_followups",
        tags=["followups"],
        summary="Steps by status, such as those in doubt, newest first",
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """One page."""
        return super().get(request, *args, **kwargs)


class SettleView(OpsView):
    """A person says what became of a step in doubt."""

    problems = {"409": "It is not in doubt (any more), or would not be sent"}

    @extend_schema(
        operation_id="settle_followup",
        tags=["followups"],
        summary="Say what became of a step in doubt: it arrived, send it again, or give up",
        request=serializers.Settlement,
        responses=serializers.FollowUpShape,
    )
    def post(self, request: Request, followup_id: UUID) -> Response:
        """The dispatcher never settles one by itself."""
        asked = read(serializers.Settlement, request)
        get_object_or_404(FollowUp.objects.only("pk"), pk=followup_id)
        settle = SETTLE[asked["became"]]
        try:
            settle(followup=followup_id, actor=str(request.user), now=now())
        except settling.SettlingError as error:
            raise Conflict(str(error)) from error
        row = get_object_or_404(FollowUp.objects.select_related("policy"), pk=followup_id)
        return Response(serializers.FollowUpShape(row).data)


class SendingView(OpsView):
    """How sending stands."""

    @extend_schema(
        operation_id="read_sending",
        tags=["ops"],
        summary="Whether anything is sent, what waits, what is overdue, what is in doubt",
        responses=serializers.SendingShape,
    )
    def get(self, request: Request) -> Response:
        """From the rows."""
        return Response(serializers.SendingShape(queue.standing(now=now())).data)


class EverythingView(OpsView):
    """Starts or stops all sending. The switch of each policy stays as it is."""

    on: bool

    def post(self, request: Request) -> Response:
        """A line in the ledger; answers how sending stands then."""
        asked = read(serializers.Reasoned, request)
        policies.throw_switch(policy=None, on=self.on, actor=str(request.user), now=now(), **asked)
        return Response(serializers.SendingShape(queue.standing(now=now())).data)


_ALL: dict[str, Any] = {"tags": ["ops"], "responses": serializers.SendingShape}


@switching("switch_sending_on", "Send again what the policies that are on say, within seconds", **_ALL)
class EverythingOnView(EverythingView):
    """Starts it again."""

    on = True


@switching("switch_sending_off", "Stop everything that is sent, within seconds", **_ALL)
class EverythingOffView(EverythingView):
    """Stops it."""

    on = False
