"""Policies: write them, switch them, look at what they do. Writing and switching sends messages to people, so
both need the scope ops."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from followups import durations, effect, forecasting, plans, policies, previewing, reckoning
from followups.api import serializers
from followups.documents import DocumentError
from followups.models import Policy, PolicyVersion
from followups.policy import Plan
from followups.reckoning import Figures
from leads.api.base import Conflict, OpsView, read
from leads.models import Lead

UNREADABLE = {"409": "This release cannot read what is stored"}


class PoliciesView(APIView):
    """All of them, and a new one."""

    required_scopes = {"GET": "read", "POST": "ops"}

    @extend_schema(
        operation_id="list_policies",
        tags=["followups"],
        summary="Every policy, and what came of it in the last 30 days",
        responses=serializers.PolicyList,
    )
    def get(self, request: Request) -> Response:
        """By name."""
        on, figures = policies.on(), reckoning.figures(now=now())
        newest = PolicyVersion.objects.order_by("policy", "-number").distinct("policy")
        rows = sorted(newest.select_related("policy"), key=lambda version: version.policy.name)
        plans.plans(row.pk for row in rows)  # at once
        told = [_policy(row, on=row.policy_id in on, figures=figures.get(row.policy_id)) for row in rows]
        return Response(serializers.PolicyList({"results": told}).data)

    @extend_schema(
        operation_id="create_policy",
        tags=["followups"],
        summary="Write a policy; it is switched off",
        request=serializers.NewPolicy,
        responses={201: serializers.PolicyDetail},
    )
    def post(self, request: Request) -> Response:
        """409 when the name is taken."""
        asked = read(serializers.NewPolicy, request)
        try:
            version = policies.create(author=str(request.user), now=now(), **asked)
        except DocumentError as error:
            raise ValidationError({"document": error.faults}) from error
        except policies.PolicyError as error:
            raise Conflict(str(error)) from error
        return Response(_detail(version), status=HTTPStatus.CREATED)


class PolicyView(APIView):
    """One of them."""

    required_scopes = {"GET": "read", "PUT": "ops"}

    @extend_schema(
        operation_id="read_policy",
        tags=["followups"],
        summary="What a policy says",
        responses=serializers.PolicyDetail,
    )
    def get(self, request: Request, policy_id: int) -> Response:
        """As its newest version."""
        return Response(_detail(policies.newest(_known(policy_id))))

    @extend_schema(
        operation_id="revise_policy",
        tags=["followups"],
        summary="Write the next version; leads that are enrolled keep theirs",
        request=serializers.Revision,
        responses=serializers.PolicyDetail,
    )
    def put(self, request: Request, policy_id: int) -> Response:
        """The same document again changes nothing."""
        policy, asked = _known(policy_id), read(serializers.Revision, request)
        try:
            version = policies.revise(
                policy=policy, document=asked["document"], author=str(request.user), now=now()
            )
        except DocumentError as error:
            raise ValidationError({"document": error.faults}) from error
        return Response(_detail(version))


class VersionsView(APIView):
    """The history of a policy."""

    required_scopes = {"GET": "read"}

    @extend_schema(
        operation_id="list_policy_versions",
        tags=["followups"],
        summary="Every wording of a policy, who wrote it and when",
        responses=serializers.VersionList,
    )
    def get(self, request: Request, policy_id: int) -> Response:
        """Newest first."""
        rows = PolicyVersion.objects.filter(policy=_known(policy_id)).order_by("-number")
        return Response(serializers.VersionList({"results": rows}).data)


class SwitchView(OpsView):
    """Starts or stops a policy. Nothing is lost while it is off: what waits is held, until it is too late."""

    on: bool

    def post(self, request: Request, policy_id: int) -> Response:
        """A line in the ledger; answers the policy as it stands then."""
        policy, asked = _known(policy_id), read(serializers.Reasoned, request)
        policies.throw_switch(policy=policy, on=self.on, actor=str(request.user), now=now(), **asked)
        return Response(_detail(policies.newest(policy)))


def switching(operation_id: str, summary: str, **more: Any) -> Any:
    """What the document says of a switch."""
    said = extend_schema(operation_id=operation_id, summary=summary, request=serializers.Reasoned, **more)
    return extend_schema_view(post=said)


_POLICY: dict[str, Any] = {"tags": ["followups"], "responses": serializers.PolicyDetail}


@switching("switch_policy_on", "Take leads in and send what the policy says, within seconds", **_POLICY)
class SwitchOnView(SwitchView):
    """Starts a policy."""

    on = True


@switching("switch_policy_off", "Stop sending what the policy says, within seconds", **_POLICY)
class SwitchOffView(SwitchView):
    """Stops a policy."""

    on = False


class PreviewView(OpsView):
    """A policy as one lead would meet it. Conditions in a text could sound out a name, so it takes the scope
    that may read contacts."""

    problems = UNREADABLE

    @extend_schema(
        operation_id="preview_policy",
        tags=["followups"],
        summary="The messages and times for a real lead, redacted; nothing is sent or stored",
        request=serializers.PreviewRequest,
        responses=serializers.PreviewShape,
    )
    def post(self, request: Request, policy_id: int) -> Response:
        """Of its newest version, or of a document that is not stored yet."""
        policy, asked = _known(policy_id), read(serializers.PreviewRequest, request)
        plan = _asked_plan(policy, asked)
        lead = _asked_lead(plan, asked.get("lead_id"))
        found = previewing.preview(plan=plan, name=policy.name, lead=lead, policy=policy, now=now())
        return Response(serializers.PreviewShape(found).data)


class CalendarView(APIView):
    """The next 14 days of a policy."""

    required_scopes = {"GET": "read"}
    problems = UNREADABLE

    @extend_schema(
        operation_id="read_policy_calendar",
        tags=["followups"],
        summary="What a policy would send in the next 14 days, by day and step",
        responses=serializers.CalendarShape,
    )
    def get(self, request: Request, policy_id: int) -> Response:
        """What waits, apart from what new leads would add."""
        policy = _known(policy_id)
        found = forecasting.calendar(plan=_plan(policy), policy=policy, now=now())
        return Response(serializers.CalendarShape(found).data)


class EffectView(APIView):
    """What a policy causes."""

    required_scopes = {"GET": "read"}

    @extend_schema(
        operation_id="read_policy_effect",
        tags=["followups"],
        summary="Leads that were followed against those held out: how many booked",
        responses=serializers.EffectShape,
    )
    def get(self, request: Request, policy_id: int) -> Response:
        """With the interval of the difference; the verdict says when there is not enough."""
        measured = reckoning.measured(policy=_known(policy_id), now=now())
        found = measured.effect
        answer = {
            "verdict": found.verdict,
            "sentence": found.sentence,
            "hold_out": measured.hold_out,
            "since_version": measured.since,
            "followed": _side(found.followed),
            "held_out": _side(found.held_out),
            "difference": found.difference,
        }
        return Response(serializers.EffectShape(answer).data)


def _known(policy_id: int) -> Policy:
    return get_object_or_404(Policy, pk=policy_id)


def _plan(policy: Policy) -> Plan:
    try:
        return policies.newest_plan(policy)
    except policies.UnreadableError as error:
        raise Conflict(str(error)) from error


def _asked_plan(policy: Policy, asked: dict[str, Any]) -> Plan:
    if "document" not in asked:
        return _plan(policy)
    try:
        return policies.checked(asked["document"])
    except DocumentError as error:
        raise ValidationError({"document": error.faults}) from error


def _asked_lead(plan: Plan, lead_id: UUID | None) -> Lead:
    lead = previewing.found(str(lead_id)) if lead_id else previewing.latest(plan)
    if lead is None:
        raise NotFound("there is no such lead" if lead_id else "there is no lead to preview it with")
    return lead


def _policy(version: PolicyVersion, *, on: bool, figures: Figures | None) -> dict[str, Any]:
    plan = plans.plans([version.pk])[version.pk]  # none when a later release wrote it
    return {
        "id": version.policy_id,
        "name": version.policy.name,
        "on": on,
        "version": version.number,
        "steps": [durations.spelled(step.after) for step in plan.steps] if plan else [],
        "last_30_days": figures or Figures(),
    }


def _detail(version: PolicyVersion) -> Any:
    figures = reckoning.figures(now=now(), policy=version.policy)
    told = _policy(version, on=version.policy_id in policies.on(), figures=figures.get(version.policy_id))
    return serializers.PolicyDetail(
        {
            **told,
            "document": version.document,
            "created_by": version.created_by,
            "created_at": version.created_at,
        }
    ).data


def _side(side: effect.Side) -> dict[str, Any]:
    return {
        "enrolled": side.enrolled,
        "matured": side.matured,
        "booked": side.booked,
        "share": effect.share(side),
    }
