"""The lead's page, with why its score is what it is."""

import math
from functools import lru_cache

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leads.admin import LeadAdmin
from leads.models import Lead
from modeling import artifact
from modeling.admin.history import version_link
from modeling.models import ModelVersion, Prediction
from modeling.scorecard import Scorecard

admin.site.unregister(Lead)


@admin.register(Lead)
class ScoredLeadAdmin(LeadAdmin):
    """Reasons are computed again from what the version saw: they are exact, so they are the same."""

    score_fields = ["grade", "chance", "why", "scored_by", "scored_at"]

    @admin.display(description="why")
    def why(self, lead: Lead) -> SafeString | str:
        """What speaks for and against, strongest first, and by how much."""
        seen = Prediction.objects.filter(lead=lead).order_by("-at", "-pk").first()
        if seen is None or seen.version_id is None:
            return "no model served when this lead came in"
        try:
            reasons = _scorecard(seen.version_id).score(seen.features, lead.created_at).reasons
        except artifact.ArtifactError as error:
            return f"version {seen.version_id} cannot be read: {error}"
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>odds \N{MULTIPLICATION SIGN} {}</td></tr>",
            (
                ("for" if reason.effect > 0 else "against", reason.text, f"{math.exp(reason.effect):.2f}")
                for reason in sorted(reasons, key=lambda reason: -abs(reason.effect))
            ),
        )
        return format_html('<table class="facts">{}</table>', rows)

    @admin.display(description="scored by version")
    def scored_by(self, lead: Lead) -> SafeString | str:
        """A way to what that version is."""
        return version_link(lead.model_version)


@lru_cache(maxsize=4)
def _scorecard(version: int) -> Scorecard:
    """Versions never change, so one that was read once is kept."""
    row = ModelVersion.objects.get(pk=version)
    return artifact.load(bytes(row.artifact), row.sha256)
