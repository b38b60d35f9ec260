"""Rows that are read in the admin and never edited there, of whichever app."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse


class Record(admin.ModelAdmin):  # type: ignore[type-arg]
    """No adding, no changing, no deleting: whoever may view, reads."""

    heading = ""  # of the list
    actions: Any = None
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Named for what it shows."""
        return super().changelist_view(request, {"title": self.heading, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The product writes these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Records stay."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Records stay."""
        return False
