"""What beat drives; `manage.py send_due --loop` does the same without Celery, and both at once do no harm."""

from time import monotonic

from celery import shared_task

from followups.dispatching import Dispatcher

SECONDS = 10  # a worker that is asked to end waits so long for this


@shared_task(expires=55, time_limit=120, soft_time_limit=110)
def send_due(**kwargs: object) -> int:
    """Send what is due; answers how many were sent."""
    ends_at = monotonic() + SECONDS
    return Dispatcher().run(ends=lambda: monotonic() > ends_at, stays=False)["sent"]
