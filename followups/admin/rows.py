"""The rows of the queue, to look into: ten million of them, so nothing here counts or sorts them all."""

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from followups.channels import channels
from followups.models import FollowUp, Policy
from leads.models import Lead
from privacy.admin.reading import Record

MOST_COUNTED = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to 10,000 and no further."""

    @cached_property
    def count(self) -> int:
        """Of the rows, or the cap."""
        rows: QuerySet[FollowUp] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST_COUNTED].count()


class Since(admin.SimpleListFilter):
    """Rows of the last month unless somebody asks for more. Ids grow with time: a range of them is quick."""

    title = "made in"
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Short to long."""
        return [("1", "the last day"), ("7", "the last 7 days"), ("all", "all of them")]

    def choices(self, changelist: Any) -> Any:
        """The month is what is shown first."""
        for choice in super().choices(changelist):
            yield {**choice, "display": "the last 30 days"} if choice["query_string"] == "?" else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
        """By the time in the id."""
        days = self.value() or "30"
        if days == "all" or not days.isdecimal():
            return queryset
        return queryset.filter(pk__gte=first_id(days=int(days)))


class ChannelFilter(admin.SimpleListFilter):
    """Without a look at the rows."""

    title = "channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All that there are."""
        return [(name, name) for name in channels()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
        """Its rows."""
        return queryset.filter(channel=self.value()) if self.value() else queryset


class PolicyFilter(admin.SimpleListFilter):
    """Without a look at the rows."""

    title = "policy"
    parameter_name = "policy"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All that there are."""
        return [(str(policy.pk), policy.name) for policy in Policy.objects.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
        """Its rows."""
        known = (self.value() or "").isdecimal()
        return queryset.filter(policy_id=int(self.value() or 0)) if known else queryset


@admin.register(FollowUp)
class FollowUpAdmin(Record):
    """Each step of each lead, the newest first."""

    heading = "Follow-ups, newest first"
    list_display = ["made", "of_lead", "policy", "step", "channel", "status", "why", "due_at", "attempts"]
    list_filter = ["status", "reason", ChannelFilter, PolicyFilter, Since]
    list_select_related = ["policy"]
    list_per_page = 50
    search_fields = ["=lead__id"]
    search_help_text = "A lead's id, ours or yours, spelled out."
    ordering = ["-pk"]
    paginator = CappedPaginator
    fields = [
        "id", "of_lead", "policy", "step", "channel", "status", "why", "detail", "planned_at", "due_at",
        "sent_at", "attempts", "receipt", "changed_at", "claimed_by", "lease_until",
    ]  # fmt: skip

    class Media:
        css = {"all": ["leads/admin.css", "followups/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[FollowUp]:
        """With the names of what they are about."""
        return FollowUp.objects.select_related("policy")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FollowUp], search_term: str
    ) -> tuple[QuerySet[FollowUp], bool]:
        """Those of one lead."""
        text = search_term.strip()
        if not text:
            return queryset, False
        try:
            lead = UUID(text)
        except ValueError:
            found = Lead.objects.filter(external_id=text).values_list("pk", flat=True).first()
            return (queryset.filter(lead=found) if found else queryset.none()), False
        return queryset.filter(lead=lead), False

    @admin.display(description="made")
    def made(self, row: FollowUp) -> str:
        """As its id tells."""
        return f"{made_at(row.pk):%Y-%m-%d %H:%M}"

    @admin.display(description="lead")
    def of_lead(self, row: FollowUp) -> SafeString:
        """A way to its page."""
        address = reverse("admin:leads_lead_change", args=[row.lead_id])
        return format_html('<a href="{}">{}…</a>', address, str(row.lead_id)[-12:])

    @admin.display(description="why")
    def why(self, row: FollowUp) -> str:
        """In words."""
        return row.get_reason_display() or ""


def first_id(*, days: int) -> UUID:
    """The least id of so many days ago: the first 48 bits are milliseconds."""
    since = now() - timedelta(days=days)
    return UUID(int=int(since.timestamp() * 1000) << 80)


def made_at(row: UUID) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp((row.int >> 80) / 1000, tz=UTC)
