"""Certificates of scrubs: read, never edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from privacy.models import ScrubRun
from privacy.scrubbing import certificates
from privacy.scrubbing.tally import Problem
from privacy.scrubbing.telling import PROBLEMS, problems


@admin.register(ScrubRun)
class ScrubRunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whether what is kept is clean, and whether the certificate that says so is genuine."""

    list_display = [
        "started_at", "stores", "pattern", "dry_run", "values_scanned", "values_changed", "unscrubbable",
        "genuine",
    ]  # fmt: skip
    list_filter = ["dry_run"]
    list_per_page = 50
    ordering = ["-pk"]
    actions = None
    fields = [
        "started_at", "finished_at", "actor", "stores", "pattern", "database", "dry_run", "resumed",
        "detector_version", "keys_scanned", "values_scanned", "values_changed", "values_withheld", "replaced",
        "unscrubbable", "left", "signature", "genuine",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Scrubs write these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was certified stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was certified stays."""
        return False

    @admin.display(description="signature holds", boolean=True)
    def genuine(self, run: ScrubRun) -> bool:
        """Whether the row is as it was signed."""
        return certificates.holds(run)

    @admin.display(description="replaced")
    def replaced(self, run: ScrubRun) -> SafeString:
        """By kind."""
        return format_html_join("", "<p>{}: {}</p>", run.kinds.items())

    @admin.display(description="left as it was")
    def left(self, run: ScrubRun) -> SafeString:
        """By reason."""
        found = ((times, PROBLEMS[Problem(problem)]) for problem, times in problems(run).items())
        return format_html_join("", "<p>{} {}</p>", found)
