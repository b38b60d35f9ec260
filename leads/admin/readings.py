"""What came of learning from corrected messages."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from leads.models import EnrichmentModel


@admin.register(EnrichmentModel)
class EnrichmentModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at: nothing here can be changed."""

    list_display = ["created_at", "serves", "told"]
    list_filter = ["serves"]
    ordering = ["-id"]
    fields = ["created_at", "serves", "told", "sha256", "base", "corrections"]
    readonly_fields = ["created_at", "serves", "told", "sha256", "base", "corrections"]

    @admin.display(description="share that is right, before and after")
    def told(self, row: EnrichmentModel) -> str:
        """Of each judgement: corrections that were held back, and our own texts."""
        return "; ".join(map(_line, row.figures.items())) or "too few corrections"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Named for what it shows."""
        title = {"title": "How messages are read: what corrections taught, newest first"}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnrichmentModel]:
        """Without a megabyte a row."""
        return super().get_queryset(request).defer("data")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The night adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: EnrichmentModel | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: EnrichmentModel | None = None) -> bool:
        """Nobody removes."""
        return False


def _line(task: tuple[str, dict[str, float]]) -> str:
    name, told = task
    corrected = (
        f"{told['corrections_before']:.0%} → {told['corrections_after']:.0%} of {told['corrections']:.0f}"
    )
    return f"{name} {corrected}, own {told['own_before']:.1%} → {told['own_after']:.1%}"
