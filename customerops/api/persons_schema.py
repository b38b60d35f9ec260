"""What the OpenAPI document says of erasure and export."""

from typing import Any

from rest_framework import serializers

from privacy.digests import Name
from privacy.models import Erasure


class SubjectShape(serializers.Serializer[Any]):
    """Who was erased, as a keyed digest."""

    name = serializers.ChoiceField([name.value for name in Name])
    digest = serializers.UUIDField(allow_null=True)


class RedisShape(serializers.Serializer[Any]):
    """What Redis forgot."""

    keys = serializers.IntegerField(allow_null=True)
    pending = serializers.BooleanField(
        help_text="Redis was away: a task cleans it within minutes of its return"
    )


class ErasureShape(serializers.Serializer[Any]):
    """The receipt, and what is told once."""

    receipt = serializers.UUIDField()
    erased_at = serializers.DateTimeField()
    trigger = serializers.ChoiceField(Erasure.Trigger.choices)
    actor = serializers.CharField()
    reason = serializers.CharField()
    subject = SubjectShape()
    leads = serializers.IntegerField()
    rows = serializers.DictField(child=serializers.IntegerField(), help_text="Rows removed, by table")
    redis = RedisShape()
    model_versions = serializers.ListField(
        child=serializers.IntegerField(), help_text="Versions that may have learned from the person"
    )
    signature = serializers.CharField()
    lead_ids = serializers.ListField(child=serializers.UUIDField(), help_text="Not stored")
    same_person = serializers.ListField(
        child=serializers.UUIDField(), help_text="Leads with the same e-mail or phone, which stay; not stored"
    )


class ExportedLead(serializers.Serializer[Any]):
    """One lead with everything that hangs on it, column by column."""

    lead_id = serializers.UUIDField()
    contact = serializers.JSONField(allow_null=True)
    lead = serializers.DictField()
    messages = serializers.ListField(child=serializers.DictField())
    outcomes = serializers.ListField(child=serializers.DictField())
    predictions = serializers.ListField(child=serializers.DictField())
    legal_holds = serializers.ListField(child=serializers.DictField())
    kept_until = serializers.DictField(help_text="When retention removes what; null: kept for ever")


class ExportShape(serializers.Serializer[Any]):
    """A person's data."""

    format = serializers.IntegerField()
    exported_at = serializers.DateTimeField()
    leads = ExportedLead(many=True)
