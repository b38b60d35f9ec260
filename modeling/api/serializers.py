"""What /ops answers and takes."""

from typing import Any

from rest_framework import serializers

from modeling.models import Deployment, RetrainRun


class RunShape(serializers.ModelSerializer[RetrainRun]):
    """A run, as far as it is."""

    version = serializers.IntegerField(source="version_id", allow_null=True)

    class Meta:
        model = RetrainRun
        fields = [
            "id",
            "slot",
            "trigger",
            "status",
            "phase",
            "progress",
            "attempts",
            "requested_at",
            "started_at",
            "completed_at",
            "verdict",
            "reasons",
            "error",
            "version",
        ]


class RunDetail(RunShape):
    """A run with its report: rows in, out and why dropped; features left out and why; the gate's table."""

    report = serializers.DictField()

    class Meta(RunShape.Meta):
        fields = [*RunShape.Meta.fields, "report"]


class RunList(serializers.Serializer[Any]):
    """The newest runs first."""

    results = RunShape(many=True)


class RollbackRequest(serializers.Serializer[Any]):
    """Where to go back to, and why."""

    to = serializers.IntegerField(required=False, help_text="A version that served; else the one before")
    reason = serializers.CharField(max_length=500, help_text="Kept in the ledger, without what is personal")


class DeploymentShape(serializers.ModelSerializer[Deployment]):
    """A line of the ledger."""

    version = serializers.IntegerField(source="version_id")

    class Meta:
        model = Deployment
        fields = ["id", "version", "kind", "actor", "reason", "at"]


class RollbackAnswer(DeploymentShape):
    """The new line, and what served before it."""

    previous_version = serializers.IntegerField(allow_null=True)

    class Meta(DeploymentShape.Meta):
        fields = [*DeploymentShape.Meta.fields, "previous_version"]


class ReloadAnswer(serializers.Serializer[Any]):
    """`ok`: a version serves and every live process has it. `version` 0: none; `auc` null: not measured."""

    ok = serializers.BooleanField()
    auc = serializers.FloatField(allow_null=True)
    version = serializers.IntegerField()
    previous_version = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)
    n_train = serializers.IntegerField()
    processes_total = serializers.IntegerField()
    processes_on_version = serializers.IntegerField()
    took_ms = serializers.FloatField()


class ChampionShape(serializers.Serializer[Any]):
    """The version that serves."""

    version = serializers.IntegerField()
    sha256 = serializers.CharField()
    auc = serializers.FloatField(allow_null=True)
    auc_low = serializers.FloatField(allow_null=True)
    auc_high = serializers.FloatField(allow_null=True)
    n_train = serializers.IntegerField()
    trained_at = serializers.DateTimeField()
    age_hours = serializers.FloatField()
    verdict = serializers.CharField()
    kind = serializers.ChoiceField(choices=Deployment.Kind.choices)
    actor = serializers.CharField()
    reason = serializers.CharField()
    deployed_at = serializers.DateTimeField()
    previous_version = serializers.IntegerField(allow_null=True)


class RunInShort(serializers.Serializer[Any]):
    """The newest run."""

    id = serializers.IntegerField()
    slot = serializers.CharField()
    trigger = serializers.CharField()
    status = serializers.ChoiceField(choices=RetrainRun.Status.choices)
    phase = serializers.ChoiceField(choices=RetrainRun.Phase.choices)
    progress = serializers.FloatField()
    verdict = serializers.CharField(allow_blank=True)
    reasons = serializers.ListField(child=serializers.CharField())
    error = serializers.CharField(allow_blank=True)
    requested_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)


class LedgerLine(serializers.Serializer[Any]):
    """A line of the ledger."""

    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Deployment.Kind.choices)
    actor = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class StatusAnswer(serializers.Serializer[Any]):
    """What serves, where, and what the last run said."""

    champion = ChampionShape(allow_null=True)
    processes_total = serializers.IntegerField()
    processes_on_version = serializers.IntegerField()
    last_run = RunInShort(allow_null=True)
    ledger = LedgerLine(many=True)
