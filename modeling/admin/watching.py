"""Drift reports, feature by feature, and what the product decided by itself."""

from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from modeling.admin.history import History, version_link
from modeling.models import Decision, DriftReport, Measurement

SHORT = 80  # of an error, in the list


@admin.register(DriftReport)
class DriftReportAdmin(History):
    """Whether the newest leads are of the kind the serving version learned from."""

    heading = "Drift, newest look first"
    list_display = ["looked", "of", "leads", "moved", "most", "scores", "remark"]
    list_per_page = 50
    ordering = ["-at", "-pk"]
    fields = ["at", "of", "since", "leads", "moved", "most", "remark", "features"]

    @admin.display(description="at", ordering="at")
    def looked(self, report: DriftReport) -> str:
        """To the minute."""
        return f"{report.at:%Y-%m-%d %H:%M}"

    @admin.display(description="version")
    def of(self, report: DriftReport) -> SafeString | str:
        """What served."""
        return version_link(report.version_id)

    @admin.display(description="drift above noise", ordering="drift")
    def moved(self, report: DriftReport) -> str:
        """The largest index, or that there are too few leads."""
        return _index(report.drift)

    @admin.display(description="moved most")
    def most(self, report: DriftReport) -> str:
        """The feature, and its segment."""
        shift = next((one for one in _every(report) if one["feature"] == report.largest), None)
        if shift is None:
            return "nothing beyond noise" if report.drift is not None else ""
        told = [f"{one['name']}: {one['before']:.0%} → {one['now']:.0%}" for one in shift["segments"][:1]]
        return " ".join([report.largest, *(f"({text})" for text in told)])

    @admin.display(description="scores", ordering="score__excess")
    def scores(self, report: DriftReport) -> str:
        """Their own index."""
        return _index(report.score["excess"] if report.score else None)

    @admin.display(description="features")
    def features(self, report: DriftReport) -> str:
        """All of them, the ones that moved first."""
        shifts = sorted(_every(report), key=lambda shift: (-shift["excess"], -shift["psi"]))
        return render_to_string("modeling/drift.html", {"shifts": shifts})


@admin.register(Decision)
class DecisionAdmin(History):
    """Also when that was to do nothing."""

    heading = "What was decided, newest first"
    list_display = ["decided", "kind", "done", "about", "reason"]
    list_filter = ["kind", "acted"]
    list_per_page = 50
    ordering = ["-at", "-pk"]
    fields = ["at", "kind", "done", "about", "reason", "told"]

    @admin.display(description="at", ordering="at")
    def decided(self, decision: Decision) -> str:
        """To the minute."""
        return f"{decision.at:%Y-%m-%d %H:%M}"

    @admin.display(description="done")
    def done(self, decision: Decision) -> SafeString | str:
        """The run, or the line of the ledger, that came of it."""
        if decision.run_id is not None:
            return _link("modeling_retrainrun_change", decision.run_id, "asked for a run")
        if decision.deployment_id is not None:
            return _link("modeling_deployment_change", decision.deployment_id, "rolled back")
        return "nothing"

    @admin.display(description="version")
    def about(self, decision: Decision) -> SafeString | str:
        """What served."""
        return version_link(decision.version_id)

    @admin.display(description="evidence")
    def told(self, decision: Decision) -> str:
        """The figures it was decided by."""
        return render_to_string("modeling/evidence.html", {"evidence": _flat(decision.evidence)})


@admin.register(Measurement)
class MeasurementAdmin(History):
    """A night without a row was not measured at all."""

    heading = "Nightly measurements: which were made, and which failed"
    list_display = ["due", "kind", "trigger", "state", "attempts", "took"]
    list_filter = ["kind"]
    list_per_page = 50
    ordering = ["-slot", "-pk"]
    fields = ["due", "kind", "trigger", "state", "attempts", "started_at", "completed_at", "error"]

    @admin.display(description="due", ordering="slot")
    def due(self, row: Measurement) -> str:
        """To the minute."""
        return f"{row.slot:%Y-%m-%d %H:%M}"

    @admin.display(description="state")
    def state(self, row: Measurement) -> str:
        """What an operator must know first."""
        if row.completed_at is not None:
            return "measured"
        if row.started_at is not None:
            return "being measured, or its worker died"
        return f"failed: {row.error[:SHORT]}" if row.error else "waiting"

    @admin.display(description="took")
    def took(self, row: Measurement) -> str:
        """Of the attempt that came to an end."""
        if row.completed_at is None or row.started_at is None:
            return ""
        return f"{(row.completed_at - row.started_at).total_seconds():,.1f} s"


def _every(report: DriftReport) -> list[dict[str, Any]]:
    return [*report.shifts, *([report.score] if report.score else [])]


def _index(value: float | None) -> str:
    return "too few leads to tell" if value is None else f"{value:.2f}"


def _link(name: str, key: int, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{name}", args=[key]), words)


def _flat(evidence: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Nested figures as rows with names like "live: leads"."""
    rows: list[tuple[str, Any]] = []
    for name, value in evidence.items():
        label = f"{before}{name.replace('_', ' ')}"
        if isinstance(value, dict):
            rows += _flat(value, f"{label}: ")
        else:
            rows.append((label, f"{value:.4f}" if isinstance(value, float) else value))
    return rows
