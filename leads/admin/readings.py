"""What came of learning from corrected messages."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from leads.models import EnrichmentModel
from privacy.admin.reading import Record


@admin.register(EnrichmentModel)
class EnrichmentModelAdmin(Record):
    """Rows to look at: nothing here can be changed."""

    heading = "How messages are read: what corrections taught, newest first"
    list_display = ["created_at", "serves", "told"]
    list_filter = ["serves"]
    ordering = ["-id"]
    fields = ["created_at", "serves", "told", "sha256", "base", "corrections"]

    @admin.display(description="share that is right, before and after")
    def told(self, row: EnrichmentModel) -> str:
        """Of each judgement: corrections that were held back, and our own texts."""
        return "; ".join(map(_line, row.figures.items())) or "too few corrections"

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnrichmentModel]:
        """Without a megabyte a row."""
        return super().get_queryset(request).defer("data")


def _line(task: tuple[str, dict[str, float]]) -> str:
    name, told = task
    corrected = (
        f"{told['corrections_before']:.0%} → {told['corrections_after']:.0%} of {told['corrections']:.0f}"
    )
    return f"{name} {corrected}, own {told['own_before']:.1%} → {told['own_after']:.1%}"
