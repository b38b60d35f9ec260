"""The rows of the queue, to look into: ten million of them, so nothing here counts or sorts them all."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.timezone import now

from followups import settling
from followups.admin.actors import actor
from followups.channels import channels
from followups.models import FollowUp, Policy, Status
from followups.standing import sentence
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
        days = {"1": 1, "7": 7, "all": None}.get(self.value() or "", 30)
        return queryset.filter(pk__gte=first_id(days=days)) if days else queryset


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
    list_display = ["of_lead", "of_policy", "stands", "when", "attempts"]
    list_display_links = None
    show_facets = admin.ShowFacets.NEVER
    list_filter = ["status", "reason", ChannelFilter, PolicyFilter, Since]
    list_select_related = ["policy"]
    list_per_page = 50
    search_fields = ["=lead__id"]
    search_help_text = "A lead's id, ours or yours, spelled out."
    ordering = ["-pk"]
    actions = ["arrived", "again", "give_up"]
    paginator = CappedPaginator
    fields = [
        "id", "of_lead", "of_policy", "channel", "stands", "detail", "planned_at", "due_at",
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

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """For the actions."""
        return request.user.has_perm("followups.settle_followup")

    @admin.action(description="In doubt: it arrived", permissions=["settle"])
    def arrived(self, request: HttpRequest, rows: QuerySet[FollowUp]) -> None:
        """It counts as sent, and is told in the conversation."""
        self._settled(request, rows, settling.sent, "arrived")

    @admin.action(description="In doubt: it did not arrive, send it again", permissions=["settle"])
    def again(self, request: HttpRequest, rows: QuerySet[FollowUp]) -> None:
        """Back into the queue."""
        self._settled(request, rows, settling.send_again, "will be sent again")

    @admin.action(description="In doubt: give up", permissions=["settle"])
    def give_up(self, request: HttpRequest, rows: QuerySet[FollowUp]) -> None:
        """It stays unsent."""
        self._settled(request, rows, settling.give_up, "given up")

    def _settled(
        self, request: HttpRequest, rows: QuerySet[FollowUp], settle: Callable[..., None], became: str
    ) -> None:
        """One after the other: each is a question of its own."""
        done, refused = 0, Counter[str]()
        for row in rows:
            try:
                settle(followup=row.pk, actor=actor(request), now=now())
                done += 1
            except settling.SettlingError as error:
                refused[str(error)] += 1
        if done:
            self.message_user(request, f"{done} {became}.", messages.SUCCESS)
        for said, number in refused.items():
            self.message_user(request, f"{number} left as they were: {said}.", messages.WARNING)

    @admin.display(description="lead")
    def of_lead(self, row: FollowUp) -> SafeString:
        """A way to its page, by the end of its id."""
        address = reverse("admin:leads_lead_change", args=[row.lead_id])
        return format_html('<a href="{}" title="{}">…{}</a>', address, row.lead_id, str(row.lead_id)[-12:])

    @admin.display(description="step")
    def of_policy(self, row: FollowUp) -> SafeString:
        """A way to all there is about it."""
        address = reverse("admin:followups_followup_change", args=[row.pk])
        return format_html('<a href="{}">{}, step {}</a> {}', address, row.policy, row.step, row.channel)

    @admin.display(description="stands")
    def stands(self, row: FollowUp) -> SafeString:
        """And why."""
        status = row.get_status_display().lower()
        why = sentence(row.reason) if row.reason else ""
        return format_html(
            '<span class="state {}">{}</span><span class="quiet">{}</span>', slugify(status), status, why
        )

    @admin.display(description="when (UTC)", ordering="pk")
    def when(self, row: FollowUp) -> str:
        """It went out, it ended, or it is due."""
        open_ = row.status in (Status.PENDING, Status.CLAIMED)
        moment = row.sent_at or (row.due_at if open_ else row.changed_at)
        return f"{'due ' if open_ else ''}{moment:%Y-%m-%d %H:%M}"


def first_id(*, days: int) -> UUID:
    """The least id of so many days ago: the first 48 bits are milliseconds."""
    since = now() - timedelta(days=days)
    return UUID(int=int(since.timestamp() * 1000) << 80)
