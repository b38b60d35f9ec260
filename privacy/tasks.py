"""What privacy does by itself."""

import structlog
from celery import shared_task

from privacy.scrubbing import running

log = structlog.get_logger(__name__)


@shared_task(expires=3600)
def scrub_history(**kwargs: object) -> int | None:
    """Redact what is kept; goes on where an interrupted run stopped. None while another one is under way."""
    try:
        run = running.run(running.Plan(), actor="schedule", resume=True)
    except running.ScrubError as error:
        log.info("scrub_not_started", reason=str(error))
        return None
    certificate = run.certificate
    tell = log.error if certificate.unscrubbable else log.info
    tell(
        "scrub_finished",
        scrub=certificate.pk,
        values=certificate.values_scanned,
        changed=certificate.values_changed,
        unscrubbable=certificate.unscrubbable,
    )
    return certificate.pk
