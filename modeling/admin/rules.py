"""What people decided about features, beside what the last run made of each."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from modeling.models import FeatureRule, RetrainRun
from privacy.keeping import kept
from privacy.kinds import Surface

NOTE_LENGTH = 500  # as the column is wide; a placeholder can be longer than what it stands for


@dataclass(frozen=True, slots=True)
class Seen:
    """A feature of the last run. `rule_id` of the rule that names it, if any."""

    name: str
    standing: str
    rule_id: int | None


@admin.register(FeatureRule)
class FeatureRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rules count from the next run on."""

    list_display = ["name", "use", "direction", "phrase", "note"]
    list_filter = ["use", "direction"]
    search_fields = ["name"]
    ordering = ["name"]

    class Media:
        css = {"all": ["modeling/admin.css"]}

    def save_model(self, request: HttpRequest, obj: FeatureRule, form: Any, change: bool) -> None:
        """Of the note, what is not personal."""
        obj.note = kept(obj.note, surface=Surface.RULE_NOTE)[:NOTE_LENGTH]
        super().save_model(request, obj, form, change)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the features of the last run, each one click from a rule."""
        return super().changelist_view(
            request, {"title": "Feature rules", **(extra_context or {}), "seen": seen()}
        )


def seen() -> list[Seen]:
    """The features of the last run that has a report: the suspicious and the left out first."""
    run = RetrainRun.objects.filter(report__has_key="features").order_by("-pk").first()
    if run is None:
        return []
    standings = {name: f"left out: {why}" for name, why in run.report.get("left_out", {}).items()}
    standings |= {name: f"used, but look: {why}" for name, why in run.report.get("look_at", {}).items()}
    standings |= {name: "used" for name in run.report["features"] if name not in standings}
    rules = dict(FeatureRule.objects.values_list("name", "pk"))
    return [Seen(name, standing, rules.get(name)) for name, standing in standings.items()]
