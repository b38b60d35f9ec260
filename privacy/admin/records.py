"""Receipts, legal holds, retention runs, canary flights, to be read. Holds are placed on the lead's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from privacy import receipts
from privacy.admin.reading import Record
from privacy.models import CanaryFlight, Erasure, LegalHold, RetentionRun


@admin.register(Erasure)
class ErasureAdmin(Record):
    """What was erased when, by whom and why; and whether Redis has followed."""

    heading = "Receipts of erasures, newest first"
    list_display = ["at", "leads", "actor", "reason", "redis", "genuine", "id"]
    list_filter = ["trigger", "at"]
    search_fields = ["=id", "actor", "reason"]
    ordering = ["-at"]
    fields = [
        "id", "at", "trigger", "actor", "reason", "subject_name", "subject_digest", "leads", "removed",
        "redis", "versions", "genuine", "signature",
    ]  # fmt: skip

    @admin.display(description="Redis")
    def redis(self, receipt: Erasure) -> str:
        """What it forgot, or that it has still to."""
        if receipt.redis_keys is None:
            return "pending"
        return f"{receipt.redis_keys} key{'' if receipt.redis_keys == 1 else 's'}"

    @admin.display(description="genuine", boolean=True)
    def genuine(self, receipt: Erasure) -> bool:
        """Whether the signature fits."""
        return receipts.is_genuine(receipt)

    @admin.display(description="rows removed")
    def removed(self, receipt: Erasure) -> str:
        """By table."""
        return ", ".join(f"{name} {rows:,}" for name, rows in receipts.in_words(receipt.rows).items())

    @admin.display(description="versions that may have learned from them")
    def versions(self, receipt: Erasure) -> str:
        """Oldest first."""
        return ", ".join(map(str, receipt.model_versions)) or "none"


class Standing(admin.SimpleListFilter):
    """What still holds?"""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Open first."""
        return [("open", "stands"), ("lifted", "lifted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LegalHold]) -> QuerySet[LegalHold]:
        """By whether somebody lifted it."""
        return queryset.filter(lifted_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(LegalHold)
class LegalHoldAdmin(Record):
    """What must be kept, since when and why."""

    heading = "Legal holds, newest first"
    list_display = ["placed_at", "lead_id", "placed_by", "reason", "lifted_at", "lifted_by"]
    list_filter = [Standing]
    search_fields = ["=lead_id", "reason"]
    ordering = ["-placed_at"]
    fields = ["lead_id", "reason", "placed_by", "placed_at", "lifted_by", "lifted_at"]


@admin.register(RetentionRun)
class RetentionRunAdmin(Record):
    """What each night removed."""

    heading = "Retention runs, newest first"
    list_display = ["started_at", "finished_at", "messages", "contacts", "leads", "held"]
    ordering = ["-started_at"]
    fields = ["started_at", "finished_at", "messages", "contacts", "leads", "held", "kept_for"]

    @admin.display(description="kept for")
    def kept_for(self, run: RetentionRun) -> str:
        """The settings it went by."""
        return ", ".join(
            f"{what} {days:,} days" if days else f"{what} for ever" for what, days in run.periods.items()
        )


@admin.register(CanaryFlight)
class CanaryFlightAdmin(Record):
    """Whether a made-up person that passed through the doors left anything behind."""

    heading = "Flights of the canary, newest first"
    list_display = ["at", "result", "where", "took", "error"]
    list_filter = ["result"]
    ordering = ["-at"]
    fields = ["at", "result", "where", "took", "error"]

    @admin.display(description="found in")
    def where(self, flight: CanaryFlight) -> str:
        """Place by place."""
        return "; ".join(f"{place}: {', '.join(found)}" for place, found in flight.found.items()) or "nowhere"

    @admin.display(description="took")
    def took(self, flight: CanaryFlight) -> str:
        """In seconds."""
        return f"{flight.took_seconds:.1f} s"
