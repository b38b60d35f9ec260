"""Rows that are read in the admin and never edited there."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class History(admin.ModelAdmin):  # type: ignore[type-arg]
    """No adding, no changing, no deleting: whoever may view, reads."""

    actions_selection_counter = False
    show_full_result_count = False

    class Media:
        css = {"all": ["modeling/admin.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The product writes these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False


def actor(request: HttpRequest) -> str:
    """Who acts, for the ledger."""
    return f"{request.user.get_username()} (admin)"
