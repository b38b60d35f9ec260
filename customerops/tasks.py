"""What protects people while nobody looks."""

from celery import shared_task
from django.utils.timezone import now

from customerops import returning
from customerops.canary import flight
from privacy import forgetting


@shared_task(expires=3600, time_limit=3000, soft_time_limit=2950)
def erase_again(**kwargs: object) -> int:
    """Erase who came back, and repair the copies of the tombstones."""
    return returning.erase_again(actor="nightly task", now=now()).erased


@shared_task(expires=500, time_limit=300, soft_time_limit=280)
def finish_erasures(**kwargs: object) -> bool:
    """Let Redis forget what it could not while it was away."""
    return forgetting.forget()


@shared_task(expires=500, time_limit=300, soft_time_limit=280)
def fly_canary(**kwargs: object) -> str:
    """Send a made-up person through the doors and look for what was left behind."""
    return str(flight.fly(now=now()).result)
