"""`manage.py register_model`: bring in a scorecard made by train_model."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from modeling import artifact, registry
from modeling.registering import Registered, force_file, register_file
from privacy import operator


class Command(BaseCommand):
    """The file is checked, archived and judged; it serves when the gate says so, or when it is forced."""

    help = "Archive a model.json, judge it on the leads known here, and promote it when it is good enough."

    def add_arguments(self, parser: CommandParser) -> None:
        """Forcing needs a reason."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--force", action="store_true", help="serve it whatever the gate would say")
        parser.add_argument("--reason", default="", help="why it is forced; kept in the ledger")

    def handle(self, *args: Any, **options: Any) -> str:
        """Register and tell."""
        actor = operator.name()
        try:
            data = options["file"].read_bytes()
            if options["force"]:
                return _told(force_file(data=data, actor=actor, reason=options["reason"], now=now()))
            return _told(register_file(data=data, actor=actor, now=now()))
        except (OSError, artifact.ArtifactError, registry.RegistryError) as error:
            raise CommandError(f"{options['file']}: {error}") from error


def _told(done: Registered) -> str:
    number = done.version.version
    if done.deployment is not None:
        return f"Version {number} serves ({done.deployment.kind}): {done.deployment.reason}"
    reasons = "\n".join(f"  {reason}" for reason in done.reasons)
    return f"Version {number} is archived, not serving ({done.verdict}):\n{reasons}\n  (--force serves it.)"
