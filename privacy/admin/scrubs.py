"""Certificates of scrubs: read, never edited."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from privacy.admin.reading import Record
from privacy.models import ScrubRun
from privacy.scrubbing import certificates
from privacy.scrubbing.tally import Problem
from privacy.scrubbing.telling import PROBLEMS, problems


@admin.register(ScrubRun)
class ScrubRunAdmin(Record):
    """Whether what is kept is clean, and whether the certificate that says so is genuine."""

    heading = "Certificates of scrubs, newest first"
    list_display = ["started_at", "stores", "pattern", "dry", "scanned", "changed", "unchanged", "genuine"]
    list_filter = ["dry_run"]
    list_per_page = 50
    ordering = ["-pk"]
    fields = [
        "started_at", "finished_at", "actor", "stores", "pattern", "database", "dry_run", "resumed",
        "detector_version", "keys_scanned", "values_scanned", "values_changed", "values_withheld", "replaced",
        "unscrubbable", "left", "signature", "genuine",
    ]  # fmt: skip

    @admin.display(description="dry run")
    def dry(self, run: ScrubRun) -> str:
        """Neither is good or bad."""
        return "yes" if run.dry_run else "no"

    @admin.display(description="looked at", ordering="values_scanned")
    def scanned(self, run: ScrubRun) -> str:
        """Values."""
        return f"{run.values_scanned:,}"

    @admin.display(description="changed", ordering="values_changed")
    def changed(self, run: ScrubRun) -> str:
        """Or what would be."""
        return f"{run.values_changed:,}"

    @admin.display(description="left", ordering="unscrubbable")
    def unchanged(self, run: ScrubRun) -> str:
        """What could not be scrubbed."""
        return f"{run.unscrubbable:,}"

    @admin.display(description="genuine", boolean=True)
    def genuine(self, run: ScrubRun) -> bool:
        """Whether the row is as it was signed."""
        return certificates.holds(run)

    @admin.display(description="replaced")
    def replaced(self, run: ScrubRun) -> SafeString | str:
        """By kind."""
        return format_html_join("", "<p>{}: {}</p>", run.kinds.items()) or "nothing"

    @admin.display(description="left as it was")
    def left(self, run: ScrubRun) -> SafeString | str:
        """By reason."""
        found = ((times, PROBLEMS[Problem(problem)]) for problem, times in problems(run).items())
        return format_html_join("", "<p>{} {}</p>", found) or "nothing"
