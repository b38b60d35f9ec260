"""What the OpenAPI document says beyond what the views say: keys, problems, and the shapes of intake."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    Direction,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema_field,
)
from rest_framework import serializers

from customerops.api.problems import MEDIA_TYPE
from leads.attributes import MAX_ATTRIBUTES, MAX_TEXT
from leads.models import Role

PLAIN_VALUE = {
    "nullable": True,
    "oneOf": [{"type": "string", "maxLength": MAX_TEXT}, {"type": "number"}, {"type": "boolean"}],
}
ALWAYS = {"401": "No key, or one that is not known", "403": "The key lacks the scope", "503": "No database"}
WITH_BODY = {"400": "The body does not fit", "413": "The body is too large", "415": "The body is not JSON"}
WITH_QUERY = {"400": "A query parameter does not fit"}
WITH_PATH = {"404": "There is no such thing"}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The header x-api-key."""

    target_class = "customerops.api.auth.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """As OpenAPI writes it."""
        return {"type": "apiKey", "in": "header", "name": "x-api-key"}


class FaultShape(serializers.Serializer[Any]):
    """One thing wrong, with a JSON pointer to it."""

    pointer = serializers.CharField(help_text="RFC 6901; empty for the whole body")
    detail = serializers.CharField()


class ProblemShape(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FaultShape(many=True)  # type: ignore[assignment]


def problem(status: int, description: str) -> dict[tuple[int, str], OpenApiResponse]:
    """One that only some operations answer, for their `responses`."""
    return {(status, MEDIA_TYPE): OpenApiResponse(ProblemShape, description=description)}


class Schema(AutoSchema):
    """Adds the problems that every view of its kind can answer."""

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        reference = self.resolve_serializer(ProblemShape(), direction).ref
        for status, description in self._problems().items():
            problem = {"description": description, "content": {MEDIA_TYPE: {"schema": reference}}}
            bodies.setdefault(status, problem)
        return dict(sorted(bodies.items()))

    def _problems(self) -> dict[str, str]:
        takes_body = self.method in ("POST", "PUT") and self.get_request_serializer() is not None
        usual = ALWAYS | (WITH_BODY if takes_body else WITH_QUERY) | (WITH_PATH if "{" in self.path else {})
        return usual | getattr(self.view, "problems", {})


@extend_schema_field({"type": "object", "maxProperties": MAX_ATTRIBUTES, "additionalProperties": PLAIN_VALUE})
class AttributesField(serializers.DictField):
    """A flat object."""


@extend_schema_field(PLAIN_VALUE)
class PlainValueField(serializers.Field[Any, Any, Any, Any]):
    """Text, a number, true, false or null."""


class ContactShape(serializers.Serializer[Any]):
    """Kept encrypted; never part of a score."""

    name = serializers.CharField(required=False, allow_null=True, max_length=254)
    email = serializers.CharField(required=False, allow_null=True, max_length=254)
    phone = serializers.CharField(required=False, allow_null=True, max_length=254)


class QuestionShape(serializers.Serializer[Any]):
    """What a score is asked about."""

    attributes = AttributesField(required=False, allow_null=True)
    source = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=100)  # type: ignore[assignment]
    created_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Now when left out; without an offset it is UTC"
    )


class MessageShape(serializers.Serializer[Any]):
    """A turn of a conversation, as it was said."""

    text = serializers.CharField(help_text="What is personal in it is taken out before it is stored")
    role = serializers.ChoiceField(Role.choices, required=False, help_text="lead when left out")
    sent_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Now when left out")
    external_id = serializers.CharField(
        required=False, allow_null=True, max_length=200, help_text="Yours: a second one is not stored"
    )


class NewLeadShape(QuestionShape):
    """A lead that comes in."""

    external_id = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=200,
        help_text="Yours: a second lead with it is not stored",
    )
    contact = ContactShape(required=False, allow_null=True)
    timezone = serializers.CharField(required=False, allow_null=True, help_text="Such as Europe/Lisbon")
    matures_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="When its ending is known; the horizon decides when left out",
    )
    message = MessageShape(
        required=False, allow_null=True, help_text="What the lead says; plain text will do"
    )
    messages = MessageShape(required=False, allow_null=True, many=True, help_text="Or several turns")


class EvidenceShape(serializers.Serializer[Any]):
    """How much data stands behind a score."""

    leads = serializers.IntegerField(help_text="All leads the version learned from")
    similar = serializers.IntegerField(help_text="The fewest past leads behind any of the reasons")
    level = serializers.ChoiceField(["strong", "fair", "thin"])


class ReasonShape(serializers.Serializer[Any]):
    """One feature's exact share of the log-odds."""

    feature = serializers.CharField()
    value = PlainValueField()
    effect = serializers.FloatField()
    text = serializers.CharField()


class ScoreShape(serializers.Serializer[Any]):
    """A score. All null with the reason `no_model` while no version serves."""

    probability = serializers.FloatField(allow_null=True)
    grade = serializers.ChoiceField(["A", "B", "C", "D"], allow_null=True)
    evidence = EvidenceShape(allow_null=True)
    reasons = ReasonShape(many=True, help_text="Up to three for, then up to three against")
    model_version = serializers.IntegerField(allow_null=True)
    reason = serializers.ChoiceField(["no_model"], required=False)


class JudgementShape(serializers.Serializer[Any]):
    """What was understood, and by which words."""

    label = serializers.CharField()  # type: ignore[assignment]
    score = serializers.FloatField(help_text="Sentiment -1 to 1, urgency 0 to 1, else the confidence")
    confidence = serializers.FloatField()
    words = serializers.ListField(child=serializers.CharField())


class HeardShape(serializers.Serializer[Any]):
    """A message as it was stored and understood."""

    position = serializers.IntegerField(help_text="In the conversation, from 1")
    role = serializers.ChoiceField(Role.choices)
    sent_at = serializers.DateTimeField()
    external_id = serializers.CharField(allow_null=True)
    text = serializers.CharField(help_text="Without what is personal")
    redacted = serializers.DictField(child=serializers.IntegerField(), help_text="What was taken out")
    intent = JudgementShape(allow_null=True)
    sentiment = JudgementShape(allow_null=True)
    urgency = JudgementShape(allow_null=True)
    created = serializers.BooleanField(help_text="False when it was known before")


class LeadScoreShape(ScoreShape):
    """A stored lead's score."""

    lead_id = serializers.UUIDField()
    created = serializers.BooleanField(help_text="False when the lead was known before")
    scored_at = serializers.DateTimeField(allow_null=True)
    opted_out_at = serializers.DateTimeField(
        allow_null=True, required=False, help_text="When messages came with it"
    )
    messages = HeardShape(many=True, required=False, help_text="Those that came with it")


class ConversedShape(ScoreShape):
    """The messages, and the lead's score that has heard them."""

    lead_id = serializers.UUIDField()
    messages = HeardShape(many=True)
    opted_out_at = serializers.DateTimeField(allow_null=True)
    scored_at = serializers.DateTimeField(allow_null=True)


class RefusedShape(serializers.Serializer[Any]):
    """An item of a batch that was not stored."""

    errors = FaultShape(many=True)  # type: ignore[assignment]


class BatchShape(serializers.Serializer[Any]):
    """One result for each item, in the order they came."""

    created = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = PolymorphicProxySerializer(
        component_name="BatchResult",
        serializers=[LeadScoreShape, RefusedShape],
        resource_type_field_name=None,
        many=True,
    )


ONE_OR_MANY = PolymorphicProxySerializer(
    component_name="LeadOrLeads",
    serializers=[NewLeadShape(), NewLeadShape(many=True)],
    resource_type_field_name=None,
    many=False,
)
SCORED_OR_BATCH = PolymorphicProxySerializer(
    component_name="ScoredOrBatch",
    serializers=[LeadScoreShape, BatchShape],
    resource_type_field_name=None,
)
MESSAGE_OR_MESSAGES = PolymorphicProxySerializer(
    component_name="MessageOrMessages",
    serializers=[MessageShape(), MessageShape(many=True)],
    resource_type_field_name=None,
    many=False,
)
