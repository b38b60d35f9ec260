"""`manage.py erase_again`: after a restored backup, erase again who was erased since it was made."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from customerops import returning
from privacy import operator


class Command(BaseCommand):
    """The nightly task does the same."""

    help = "Bring back tombstones from their copies, and erase every lead that matches one."

    def handle(self, *args: Any, **options: Any) -> str:
        """Look at every lead and tell."""
        return "\n".join(returning.erase_again(actor=operator.name(), now=now()).sentences())
