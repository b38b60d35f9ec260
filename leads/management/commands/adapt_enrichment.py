"""`manage.py adapt_enrichment`: the night's learning from corrected messages, now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from leads import adapting


class Command(BaseCommand):
    """Says what came of it."""

    help = "Learn from messages whose reading people corrected."

    def handle(self, *args: Any, **options: Any) -> str:
        """Learn, tell."""
        return adapting.learn(now=now())
