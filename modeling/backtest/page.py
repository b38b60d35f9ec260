"""The report as one HTML page that needs no network: style, charts and tables in a single file."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from modeling.backtest.charts import NARROW, Series, over_time, reliability, timeline

NAMES = {
    "nightly": "With nightly learning",
    "frozen": "First promoted model, frozen",
    "logistic": "Logistic regression, refitted",
    "base_rate": "Always the usual rate",
}
DRAWN = ("nightly", "frozen", "logistic")


def page_of(document: Mapping[str, Any]) -> str:
    """The page of a report."""
    pooled = document["pooled"]
    context = {
        **document,
        "rows": [{"name": NAMES[name], "style": name, **pooled[name]} for name in NAMES],
        "legend": [(NAMES[name], name) for name in DRAWN],
        "auc_chart": _over_time(document, "auc", "AUC by period"),
        "rate_chart": _rates(document),
        "calibration_chart": _calibration(document),
        "timeline_chart": _timeline(document),
        "has_scores": pooled["nightly"]["auc"] is not None,
    }
    return render_to_string("modeling/backtest.html", context)


def _labels(document: Mapping[str, Any]) -> list[str]:
    """Months as 2016-02, other periods as the day they start."""
    monthly = document["settings"]["every"] == "month"
    return [period["from"][:7] if monthly else period["from"] for period in document["periods"]]


def _series(document: Mapping[str, Any], figure: str) -> list[Series]:
    return [
        Series(NAMES[name], name, [period["contestants"][name][figure] for period in document["periods"]])
        for name in DRAWN
    ]


def _over_time(document: Mapping[str, Any], figure: str, title: str) -> SafeString:
    return _safe(over_time(_labels(document), _series(document, figure), title=title))


def _rates(document: Mapping[str, Any]) -> SafeString:
    truth = [period["contestants"]["nightly"]["rate"] for period in document["periods"]]
    series = [*_series(document, "mean_score"), Series("What happened", "truth", truth)]
    svg = over_time(_labels(document), series, title="Mean score and actual rate", percent=True, width=NARROW)
    return _safe(svg)


def _calibration(document: Mapping[str, Any]) -> SafeString:
    groups = document["calibration"]
    series = [
        (NAMES[name], name, [(group["mean_score"], group["rate"]) for group in groups[name]])
        for name in reversed(DRAWN)
    ]
    return _safe(reliability(series, title="Calibration"))


def _timeline(document: Mapping[str, Any]) -> SafeString:
    told = [
        (version["verdict"], f"{version['learned_at']}: {version['verdict']}. {' '.join(version['reasons'])}")
        for version in document["versions"]
    ]
    return _safe(timeline(_labels(document), told))


def _safe(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - charts.py escapes every text it is given
