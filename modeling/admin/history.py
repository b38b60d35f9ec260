"""Rows that are read in the admin and never edited there."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


class History(admin.ModelAdmin):  # type: ignore[type-arg]
    """No adding, no changing, no deleting: whoever may view, reads."""

    heading = ""  # of the list
    actions_selection_counter = False
    show_full_result_count = False

    class Media:
        css = {"all": ["modeling/admin.css"]}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Named for what it shows: there is nothing to select."""
        return super().changelist_view(request, {"title": self.heading, **(extra_context or {})})

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


def version_link(version: int | None) -> SafeString | str:
    """A way to the version's page."""
    if version is None:
        return "none"
    address = reverse("admin:modeling_modelversion_change", args=[version])
    return format_html('<a href="{}">{}</a>', address, version)
