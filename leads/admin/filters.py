"""How the list of leads is narrowed: by where they stand, what they wrote about, whom to leave alone."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest

from leads.models import Lead, State
from leads.signals import INTENT, Intent


class Standing(admin.SimpleListFilter):
    """Whom is there still to call, and how did the others end?"""

    title = "where it stands"
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Open first: it is the list of the day."""
        return [
            ("open", "open, nothing recorded yet"),
            *((str(value), label) for value, label in State.choices),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        """By the newest outcome."""
        if self.value() == "open":
            return queryset.filter(outcomes=None)
        return queryset.filter(Q(state=self.value())) if self.value() else queryset


class Contact(admin.SimpleListFilter):
    """Who must be left alone."""

    title = "contact"
    parameter_name = "contact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Yes or no."""
        return [("welcome", "may be contacted"), ("unwelcome", "opted out")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        """By the opt-out."""
        if self.value() is None:
            return queryset
        return queryset.filter(opted_out_at__isnull=self.value() == "welcome")


class Wants(admin.SimpleListFilter):
    """Who wrote to book, to complain, to cancel?"""

    title = "what it wrote about last"
    parameter_name = "wants"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The intents of a lead desk."""
        return [(intent.value, intent.value.replace("_", " ")) for intent in Intent]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        """As the index lead_wants has it."""
        if self.value() is None:
            return queryset
        written = queryset.filter(signals__has_key=INTENT).annotate(wants=KT(f"signals__{INTENT}"))
        return written.filter(Q(wants=self.value()))
