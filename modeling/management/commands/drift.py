"""`manage.py drift`: look whether new leads are of another kind, as the task does every night."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from modeling import tasks, watching
from modeling.models import DriftReport

SHOWN = 10


class Command(BaseCommand):
    """The features that moved most, and what was decided."""

    help = "Compare the newest leads with those the serving version learned from."

    def handle(self, *args: Any, **options: Any) -> str:
        """Look, decide, tell. A run that is asked for waits for a worker of the training queue."""
        found = watching.watch(now=now())
        if found.decision.run is not None:
            tasks.hand_over(found.decision.run)
        told = _told(found.report) if found.report else []
        return "\n".join([*told, f"Retraining  {found.decision.reason}"])


def _told(report: DriftReport) -> list[str]:
    lines = [f"Leads       {report.leads:,} since {report.since:%Y-%m-%d}, version {report.version_id}"]
    every = [*report.shifts, *([report.score] if report.score else [])]
    most = sorted(every, key=lambda shift: -shift["excess"])[:SHOWN]
    lines += [f"  {shift['feature']:<30} {_verdict(shift)}" for shift in most]
    return lines + ([f"            {report.remark}"] if report.remark else [])


def _verdict(shift: dict[str, Any]) -> str:
    if shift["seasonal"]:
        return f"{shift['psi']:.3f}, moves with the calendar"
    if not shift["excess"] and shift["psi"] > shift["bound"]:
        return f"{shift['psi']:.3f}, as far as the leads of a few days were before ({shift['usual']:.3f})"
    if not shift["excess"]:
        return f"{shift['psi']:.3f}, within noise ({shift['bound']:.3f})"
    segments = ", ".join(f"{one['name']} {one['before']:.0%} → {one['now']:.0%}" for one in shift["segments"])
    return f"{shift['excess']:.3f} above noise: {segments}"
