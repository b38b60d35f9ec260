"""What happens to leads while nobody looks."""

from celery import shared_task
from django.utils.timezone import now

from leads import recall, retention, silence


@shared_task(expires=3600, time_limit=600, soft_time_limit=570)
def ghost_silent_leads(**kwargs: object) -> int:
    """Record `ghosted` for leads that matured without a word."""
    return silence.ghost(now=now())


@shared_task(expires=55, time_limit=600, soft_time_limit=570)
def catch_up_memory(**kwargs: object) -> int:
    """Make conversation windows anew that Redis lost or missed."""
    return recall.catch_up(now=now())


@shared_task(expires=3600, time_limit=3000, soft_time_limit=2950)
def apply_retention(**kwargs: object) -> int:
    """Remove what was kept long enough; answers how many leads."""
    return retention.apply(now=now()).leads


@shared_task(queue="training", expires=3600, time_limit=1800, soft_time_limit=1770)
def adapt_enrichment(**kwargs: object) -> str:
    """Learn from what people said of misread messages."""
    from leads import adapting  # noqa: PLC0415 - scikit-learn stays out of processes that do not train

    return adapting.learn(now=now())
