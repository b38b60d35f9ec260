"""Rows that are read in the admin and never edited there."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from privacy.admin.reading import Record


class History(Record):
    """Of the model, with its tables and figures."""

    actions_selection_counter = False

    class Media:
        css = {"all": ["modeling/admin.css"]}


def actor(request: HttpRequest) -> str:
    """Who acts, for the ledger."""
    return f"{request.user.get_username()} (admin)"


def version_link(version: int | None) -> SafeString | str:
    """A way to the version's page."""
    if version is None:
        return "none"
    address = reverse("admin:modeling_modelversion_change", args=[version])
    return format_html('<a href="{}">{}</a>', address, version)
