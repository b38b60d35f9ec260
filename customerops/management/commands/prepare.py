"""`manage.py prepare`: what has to happen once before the programs of a new version start."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.timezone import now

from customerops import returning


class Command(BaseCommand):
    """Safe to run again: what is done already is not done twice."""

    help = "Check the settings, migrate, and erase again whoever came back with an older backup."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> str:
        """Do it, then say so."""
        call_command("check", deploy=True, fail_level="ERROR")
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        found = returning.erase_again(actor="a start", now=now(), only_restored=True)
        return "\n".join(["Ready to start.", *(found.sentences() if found.brought_back else [])])
