"""Live quality: what served scores were worth, beside what was promised, in one plot."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from modeling.admin import figures
from modeling.admin.history import History, version_link
from modeling.backtest.charts import Band, Series, over_time
from modeling.models import LiveQuality

WEEKS = 53
LINES = {
    "auc": ("Live AUC, with its 95 % interval", "live"),
    "holdout_auc": ("Hold-out AUC, as the versions were judged", "holdout"),
    "expected_auc": ("Expected by the scores alone, before any ending", "expected"),
}


@admin.register(LiveQuality)
class LiveQualityAdmin(History):
    """Each week of each version, and of whichever served; and the newest leads of each version."""

    heading = "Live quality: what served scores were worth"
    list_display = [
        "period", "about", "matured", "measured", "expected", "promised", "level", "brier_score",
        "calibration", "best",
    ]  # fmt: skip
    list_filter = ["span"]
    list_select_related = False
    list_per_page = 60
    ordering = ["-ends", "version", "-pk"]
    fields = [
        "period", "about", "leads", "converted", "measured", "expected", "promised", "level", "brier_score",
        "log_loss", "calibration", "best", "measured_at", "reopened",
    ]  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the plot of what served."""
        return super().changelist_view(request, {**(extra_context or {}), "plot": plot(None)})

    @admin.display(description="matured from", ordering="starts")
    def period(self, row: LiveQuality) -> str:
        """A week by its Monday; the newest leads by the first of their days."""
        words = "" if row.span == LiveQuality.Span.WEEK else "since "
        return f"{words}{row.starts:%Y-%m-%d}"

    @admin.display(description="scores of")
    def about(self, row: LiveQuality) -> SafeString | str:
        """One version, or what served."""
        return version_link(row.version_id) if row.version_id else "what served"

    @admin.display(description="leads", ordering="leads")
    def matured(self, row: LiveQuality) -> str:
        """As many as were scored in time."""
        return f"{row.leads:,}"

    @admin.display(description="live AUC (95 %)", ordering="auc")
    def measured(self, row: LiveQuality) -> str:
        """With its interval, or that there are too few leads."""
        return live_auc(row)

    @admin.display(description="expected", ordering="expected_auc")
    def expected(self, row: LiveQuality) -> str:
        """By the scores alone."""
        return f"{row.expected_auc:.3f}"

    @admin.display(description="hold-out", ordering="holdout_auc")
    def promised(self, row: LiveQuality) -> str:
        """When it was judged."""
        return "" if row.holdout_auc is None else f"{row.holdout_auc:.3f}"

    @admin.display(description="said / booked", ordering="rate")
    def level(self, row: LiveQuality) -> str:
        """The mean score, and the share that booked, which is to be near it."""
        return f"{row.mean_score:.1%} / {row.rate:.1%}"

    @admin.display(description="Brier", ordering="brier")
    def brier_score(self, row: LiveQuality) -> str:
        """Lower is better."""
        return f"{row.brier:.4f}"

    @admin.display(description="ECE", ordering="ece")
    def calibration(self, row: LiveQuality) -> str:
        """Lower is better."""
        return f"{row.ece:.4f}"

    @admin.display(description="lift", ordering="lift")
    def best(self, row: LiveQuality) -> str:
        """Of the best fifth."""
        return "" if row.lift is None else f"{row.lift:.2f}"


def live_auc(row: LiveQuality) -> str:
    """0.781 (0.752 to 0.809)."""
    if row.auc is None:
        return "too few leads to tell"
    return figures.auc(row.auc, {"auc_low": row.auc_low, "auc_high": row.auc_high})


def plot(version: int | None) -> str:
    """The newest weeks of a version, or of what served, as one plot with its legend; empty without any."""
    weeks = LiveQuality.objects.filter(version_id=version, span=LiveQuality.Span.WEEK)
    rows = list(weeks.order_by("-starts")[:WEEKS])[::-1]
    if not rows:
        return ""
    context = {"chart": _chart(rows), "legend": LINES.values(), "weeks": len(rows)}
    return render_to_string("modeling/live.html", context)


def _chart(rows: Sequence[LiveQuality]) -> SafeString:
    series = [
        Series(name, style, [getattr(row, field) for row in rows]) for field, (name, style) in LINES.items()
    ]
    band = Band("live", [row.auc_low for row in rows], [row.auc_high for row in rows])
    labels = [f"{row.starts:%Y-%m-%d}" for row in rows]
    svg = over_time(labels, series, title="AUC by the week in which leads matured", band=band)
    return mark_safe(svg)  # noqa: S308 - charts.py escapes every text it is given
