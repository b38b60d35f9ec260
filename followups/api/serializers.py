"""Policies and what became of them, as callers see them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from followups.documents import PlanShape, Strict
from followups.effect import Verdict
from followups.models import FollowUp, Status
from followups.standing import State

LONGEST_NAME, LONGEST_REASON = 100, 500


@extend_schema_field(PlanShape)
class DocumentField(serializers.JSONField):
    """What a policy says. It is judged by `followups.policies`, which knows channels and templates."""


class NewPolicy(Strict):
    """A policy that is not there yet."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    document = DocumentField()


class Revision(Strict):
    """What it says from now on, for leads that come in."""

    document = DocumentField()


class Reasoned(Strict):
    """Why. What is personal in it is not stored."""

    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, default="", allow_blank=True)


class PreviewRequest(Strict):
    """Of whom, and of what."""

    lead_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The newest lead that would enter, when left out"
    )
    document = DocumentField(required=False, help_text="The newest version, when left out")


class FiguresShape(serializers.Serializer[Any]):
    """Of the leads that it took in during the last 30 days, the newest 5,000 at most."""

    enrolled = serializers.IntegerField()
    held_out = serializers.IntegerField()
    sent = serializers.IntegerField(help_text="Messages")
    replied = serializers.IntegerField()
    booked = serializers.IntegerField()


class PolicyShape(serializers.Serializer[Any]):
    """A policy as it stands."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    on = serializers.BooleanField(help_text="Its own switch; that of everything is at /ops/followups")
    version = serializers.IntegerField()
    steps = serializers.ListField(child=serializers.CharField(), help_text="When each message goes: 30m, 2h")
    last_30_days = FiguresShape()


class PolicyList(serializers.Serializer[Any]):
    """By name."""

    results = PolicyShape(many=True)


class VersionShape(serializers.Serializer[Any]):
    """One wording of a policy, which never changes."""

    version = serializers.IntegerField(source="number")
    document = DocumentField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()


class VersionList(serializers.Serializer[Any]):
    """Newest first."""

    results = VersionShape(many=True)


class PolicyDetail(PolicyShape):
    """A policy with what it says."""

    document = DocumentField()
    created_by = serializers.CharField(help_text="Who wrote this version")
    created_at = serializers.DateTimeField(help_text="When this version was written")


class StepPreviewShape(serializers.Serializer[Any]):
    """One message."""

    step = serializers.IntegerField()
    channel = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.CharField(help_text="Without what is personal")
    at = serializers.DateTimeField(allow_null=True, help_text="Null: it would not go out")
    why = serializers.CharField(help_text="What puts it off, or keeps it from going out")


class PreviewShape(serializers.Serializer[Any]):
    """As if the lead came in now."""

    lead_id = serializers.UUIDField(source="lead.pk")
    timezone = serializers.CharField(source="zone", help_text="By whose clock the times were found")
    unmet = serializers.ListField(
        child=serializers.CharField(), help_text="Why it would not enter; empty when it would"
    )
    held_out = serializers.BooleanField(help_text="It would get nothing, to compare it with the others")
    steps = StepPreviewShape(many=True)


class DayShape(serializers.Serializer[Any]):
    """Messages of a day, one number for each step."""

    day = serializers.DateField()
    certain = serializers.ListField(child=serializers.IntegerField(), help_text="They wait already")
    expected = serializers.ListField(
        child=serializers.FloatField(), help_text="About as many, if leads come as in the last 14 days"
    )


class CalendarShape(serializers.Serializer[Any]):
    """The next 14 days, as if the policy were switched on."""

    zone = serializers.CharField(help_text="Whose days these are")
    steps = serializers.IntegerField()
    days = DayShape(many=True)
    dropped = serializers.IntegerField(
        help_text="Wait and would not go out: the lead replied, ended or opted out, or the caps leave no room"
    )
    leads_like_these = serializers.IntegerField(help_text="Of the last 14 days, that would have entered")
    sampled = serializers.BooleanField(help_text="Whether it was counted up from a share of the leads")


class IntervalShape(serializers.Serializer[Any]):
    """With the bounds that hold it in 95 of 100 cases."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class SideShape(serializers.Serializer[Any]):
    """Leads that were followed, or held out."""

    enrolled = serializers.IntegerField()
    matured = serializers.IntegerField(help_text="Old enough to be judged")
    booked = serializers.IntegerField(help_text="Of those")
    share = IntervalShape(allow_null=True)


class EffectShape(serializers.Serializer[Any]):
    """What following up causes."""

    verdict = serializers.ChoiceField([(each.value, each.name) for each in Verdict])
    sentence = serializers.CharField()
    hold_out = serializers.FloatField()
    since_version = serializers.IntegerField(help_text="The first that holds out this share")
    followed = SideShape()
    held_out = SideShape()
    difference = IntervalShape(allow_null=True, help_text="Of the shares, by Newcombe's method 10")


class SwitchShape(serializers.Serializer[Any]):
    """The newest line of the ledger."""

    on = serializers.BooleanField()
    actor = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class SendingShape(serializers.Serializer[Any]):
    """How sending stands."""

    on = serializers.BooleanField(help_text="The switch of everything")
    switch = SwitchShape(allow_null=True, help_text="Who threw it last; null when nobody did")
    waiting = serializers.IntegerField(help_text="Steps whose time has not come, or whose policy is off")
    overdue = serializers.IntegerField(help_text="Steps that are due, could be sent now, and are not")
    oldest_overdue_at = serializers.DateTimeField(allow_null=True)
    in_doubt = serializers.IntegerField(help_text="Steps of which nobody knows whether they arrived")


class StandingShape(serializers.Serializer[Any]):
    """A step of a policy for one lead: what became of it, and why."""

    id = serializers.UUIDField(allow_null=True, help_text="Null for a step that is held out")
    policy = serializers.CharField()
    version = serializers.IntegerField()
    step = serializers.IntegerField()
    channel = serializers.CharField()
    state = serializers.ChoiceField([(state.value, state.name) for state in State])
    reason = serializers.CharField(help_text="A word for programs; empty when there is nothing to explain")
    sentence = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True, help_text="When it happened, or will")
    planned_at = serializers.DateTimeField(allow_null=True)
    attempts = serializers.IntegerField()
    receipt = serializers.CharField(help_text="What the receiver answered")
    settled_by = serializers.CharField(help_text="Who said what became of it, when nobody knew")


class OutsideShape(serializers.Serializer[Any]):
    """A policy that is on and did not take the lead in."""

    policy = serializers.CharField()
    version = serializers.IntegerField()
    reason = serializers.CharField(help_text="A word for programs")
    sentence = serializers.CharField(help_text="All that keeps it out")


class LeadFollowUps(serializers.Serializer[Any]):
    """Every step of every policy that took the lead in, and why the others did not."""

    lead_id = serializers.UUIDField()
    followups = StandingShape(many=True)
    not_enrolled = OutsideShape(many=True)


class Stopped(serializers.Serializer[Any]):
    """In how many policies it was stopped."""

    lead_id = serializers.UUIDField()
    stopped = serializers.IntegerField()


class Settlement(Strict):
    """What a person found out of a step in doubt."""

    became = serializers.ChoiceField(
        ["arrived", "send_again", "give_up"],
        help_text="send_again: it did not arrive, and goes back to the queue; give_up: it stays unsent",
    )


class FollowUpShape(serializers.ModelSerializer[FollowUp]):
    """A step as the queue has it."""

    lead_id = serializers.UUIDField()
    policy = serializers.CharField(source="policy.name")
    status = serializers.ChoiceField(Status.choices)
    reason = serializers.CharField(help_text="A word for programs; empty when there is nothing to explain")

    class Meta:
        model = FollowUp
        fields = [
            "id",
            "lead_id",
            "policy",
            "step",
            "channel",
            "status",
            "reason",
            "detail",
            "planned_at",
            "due_at",
            "changed_at",
            "attempts",
            "sent_at",
            "receipt",
        ]
