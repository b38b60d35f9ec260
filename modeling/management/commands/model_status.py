"""`manage.py model_status`: what serves, since when and why."""

from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser
from django.utils.timezone import now

from modeling.status import Champion, Status, status


class Command(BaseCommand):
    """A page for people, or JSON for programs."""

    help = "Show the serving version, the processes that serve it, the last run and the newest deployments."

    def add_arguments(self, parser: CommandParser) -> None:
        """JSON has the keys of GET /ops/model-status."""
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> str:
        """Read the rows, print them."""
        found = status(now=now())
        if options["json"]:
            return orjson.dumps(found.as_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode()
        return "\n".join(_page(found))


def _page(found: Status) -> list[str]:
    lines = (
        _champion(found.champion) if found.champion else ["No version serves: scores are null (no_model)."]
    )
    if found.champion:
        lines.append(f"Processes    {found.processes_on_version} of {found.processes_total} on this version")
    if found.last_run is not None:
        run = found.last_run
        lines.append(
            f"Last run     {run.slot}: {run.verdict or run.status} ({run.phase}, {run.progress:.0%})"
        )
        lines += [f"             {sentence}" for sentence in [*run.reasons, run.error] if sentence]
    lines += ["Ledger"] if found.ledger else []
    return lines + [
        f"  {line.at:%Y-%m-%d %H:%M:%S}  {line.version}  {line.kind:<13} {line.actor}: {line.reason}"
        for line in found.ledger
    ]


def _champion(champion: Champion) -> list[str]:
    return [
        f"Version      {champion.version}, trained {champion.trained_at:%Y-%m-%d %H:%M} UTC,"
        f" {champion.age_hours:,.1f} hours ago",
        f"AUC          {auc_text(champion)}",
        f"Learned from {champion.n_train:,} leads",
        f"Serving by   {champion.kind} of {champion.actor}, {champion.deployed_at:%Y-%m-%d %H:%M} UTC",
        f"Before it    {champion.previous_version or 'none'}",
        f"SHA-256      {champion.sha256}",
    ]


def auc_text(champion: Champion) -> str:
    """0.781 (0.752 to 0.809)."""
    if champion.auc is None:
        return "not measured"
    if champion.auc_low is None or champion.auc_high is None:
        return f"{champion.auc:.3f}"
    return f"{champion.auc:.3f} ({champion.auc_low:.3f} to {champion.auc_high:.3f})"
