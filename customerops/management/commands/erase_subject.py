"""`manage.py erase_subject`: erase a person, print the receipt."""

from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from customerops import erasing
from customerops.subject_flags import add_subject_flags, subject_of
from leads.people import Subject
from privacy import operator
from privacy.holds import HeldError


class Command(BaseCommand):
    """What was erased is told as JSON; the receipt stays in the admin."""

    help = "Erase every trace of a person and keep them away. --dry-run tells what would go."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, why, and who says so."""
        add_subject_flags(parser)
        parser.add_argument("--reason", default="", help="stored without what is personal in it")
        parser.add_argument("--actor", help="who asks; the account of this shell when left out")
        parser.add_argument("--dry-run", action="store_true", help="erase nothing, tell what would go")

    def handle(self, *args: Any, **options: Any) -> str:
        """The receipt, or the plan."""
        subject = subject_of(options)
        try:
            if options["dry_run"]:
                return _planned(subject)
            if not options["reason"].strip():
                raise CommandError("--reason: say why, for the receipt")
            erased = erasing.erase(
                subject=subject,
                actor=options["actor"] or operator.name(),
                reason=options["reason"],
                now=now(),
            )
        except erasing.NobodyFound:
            raise CommandError("there is no such lead") from None
        except erasing.ErasedBefore as before:
            raise CommandError(str(before)) from before
        except HeldError as held:
            raise CommandError(f"nothing was erased: {held}") from held
        return orjson.dumps(erased.told(), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode()


def _planned(subject: Subject) -> str:
    plan = erasing.plan(subject=subject)
    rows = ", ".join(f"{table} {count:,}" for table, count in sorted(plan.rows.items()))
    lines = [f"{len(plan.leads):,} leads would be erased: {', '.join(map(str, plan.leads))}", f"Rows: {rows}"]
    if plan.model_versions:
        lines.append(f"Versions that may have learned from them: {', '.join(map(str, plan.model_versions))}")
    if plan.others:
        lines.append(
            f"Leads with the same e-mail or phone, which would stay: {', '.join(map(str, plan.others))}"
        )
    lines += [f"In the way: {HeldError([hold])}" for hold in plan.holds]
    return "\n".join([*lines, "Dry run: nothing was erased."])
