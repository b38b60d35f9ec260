"""`manage.py live_quality`: measure what served scores were worth, as the task does every night."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from modeling import measuring, retreating
from modeling.measuring import Measured
from modeling.models import LiveQuality


class Command(BaseCommand):
    """Figures of the serving version, and what was decided of them."""

    help = "Measure live quality on leads that matured, and go back where that is surely better."

    def handle(self, *args: Any, **options: Any) -> str:
        """Measure, decide, tell."""
        moment = now()
        found = measuring.measure(now=moment)
        decision = retreating.consider(now=moment)
        if decision.acted:
            found = measuring.measure(now=moment)  # of the version that serves again
        return "\n".join([*_told(found), f"Rollback     {decision.reason}"])


def _told(found: Measured) -> list[str]:
    lines = [f"Weeks        {found.weeks} measured, {found.reopened} of them again"]
    if found.recent is None:
        return [*lines, "Serving      no matured lead can judge it yet"]
    row = found.recent
    return [
        *lines,
        f"Serving      version {row.version_id} on {row.leads:,} leads that matured from {row.starts} on",
        f"Live AUC     {_auc(row)}",
        f"Expected     {row.expected_auc:.3f} by the scores alone; hold-out {_figure(row.holdout_auc)}",
        f"Calibration  mean score {row.mean_score:.1%}, converted {row.rate:.1%}, ECE {row.ece:.3f},"
        f" Brier {row.brier:.4f}",
        f"Lift         {_figure(row.lift, 2)} in the best fifth",
    ]


def _auc(row: LiveQuality) -> str:
    if row.auc is None:
        return "too few leads to tell"
    return f"{row.auc:.3f} (between {row.auc_low:.3f} and {row.auc_high:.3f})"


def _figure(value: float | None, digits: int = 3) -> str:
    return "not known" if value is None else f"{value:.{digits}f}"
