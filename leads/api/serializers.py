"""Leads and outcomes as callers see them. Contact details are never part of an answer."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from leads.models import Grade, Lead, Outcome, Role, State
from privacy.keeping import kept_values
from privacy.kinds import Surface

MOST_UNKNOWN = 10  # misspelt keys that are told, without what is personal in them

_NULLABLE_STATE = serializers.ChoiceField(choices=State.choices, allow_null=True)
_NULLABLE_GRADE = serializers.ChoiceField(choices=Grade.choices, allow_null=True)


class OutcomeShape(serializers.ModelSerializer[Outcome]):
    """One row of a lead's history."""

    class Meta:
        model = Outcome
        fields = ["id", "state", "reward", "occurred_at", "recorded_at", "source", "note"]


class OutcomeReport(serializers.Serializer[Any]):
    """What a caller says of how a lead ended."""

    state = serializers.ChoiceField(
        choices=State.choices,
        error_messages={"invalid_choice": f"is none of {', '.join(State.values)}."},
    )
    occurred_at = serializers.DateTimeField(required=False, help_text="Now, when left out")
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=100, help_text="Who says so; api, when left out"
    )
    note = serializers.CharField(
        required=False, max_length=2000, allow_blank=True, help_text="Kept without what is personal in it"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A misspelt key is refused, not ignored."""
        if unknown := sorted(set(self.initial_data) - set(self.fields)):
            told = kept_values(dict.fromkeys(unknown[:MOST_UNKNOWN]), surface=Surface.LEAD_ATTRIBUTES)
            raise serializers.ValidationError(dict.fromkeys(told, "is not a field of an outcome"))
        return attrs


class LeadShape(serializers.ModelSerializer[Lead]):
    """A lead and how it stands."""

    lead_id = serializers.UUIDField(source="id")
    grade = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField(help_text="Of the newest outcome")

    class Meta:
        model = Lead
        fields = [
            "lead_id",
            "external_id",
            "source",
            "attributes",
            "timezone",
            "created_at",
            "matures_at",
            "opted_out_at",
            "replied_at",
            "signals",
            "state",
            "probability",
            "grade",
            "model_version",
            "scored_at",
        ]

    @extend_schema_field(_NULLABLE_GRADE)
    def get_grade(self, lead: Lead) -> str | None:
        """None before the first score."""
        return lead.grade or None

    @extend_schema_field(_NULLABLE_STATE)
    def get_state(self, lead: Lead) -> str | None:
        """Annotated by LeadQuerySet.with_state."""
        return getattr(lead, "state", None)


class LeadDetail(LeadShape):
    """A lead with its whole history, newest first."""

    outcomes = OutcomeShape(many=True, source="history")

    class Meta(LeadShape.Meta):
        fields = [*LeadShape.Meta.fields, "outcomes"]


class TurnShape(serializers.Serializer[Any]):
    """One turn of a conversation."""

    position = serializers.IntegerField(help_text="In the conversation, from 1")
    role = serializers.ChoiceField(choices=Role.choices)
    at = serializers.DateTimeField()
    text = serializers.CharField(help_text="Without what is personal")
    detector = serializers.IntegerField(help_text="Version of the recognizers that redacted it")


class MemoryShape(serializers.Serializer[Any]):
    """The newest turns, oldest first."""

    lead_id = serializers.UUIDField()
    turns = TurnShape(many=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=["memory", "record"], help_text="record: read in Postgres, Redis was away or behind"
    )
