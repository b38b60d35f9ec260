"""`manage.py canary`: one flight now, and what it found."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from customerops.canary import flight
from privacy.models import CanaryFlight

Result = CanaryFlight.Result


class Command(BaseCommand):
    """Exit code 0 for a clean flight, 1 for a leak or a flight that failed."""

    help = "Send a made-up person through the doors and look everywhere for what was left behind."

    def handle(self, *args: Any, **options: Any) -> str:
        """One sentence, or each place with a leak."""
        flown = flight.fly(now=now())
        if flown.result == Result.LEAK:
            places = "\n".join(f"  {place}: {', '.join(where)}" for place, where in flown.found.items())
            raise CommandError(f"a personal detail was found in\n{places}")
        if flown.result == Result.FAILED:
            raise CommandError(f"the canary could not fly: {flown.error}")
        return f"Nothing was left behind; looked everywhere in {flown.took_seconds:.1f} s."
