"""Celery tasks of the learning loop. They carry ids; what to do is in retraining and measuring."""

from typing import Any

import structlog
from celery import current_app, shared_task
from django.utils.timezone import now
from kombu.exceptions import OperationalError

from modeling import mornings, retraining
from modeling.models import Measurement, RetrainRun
from modeling.mornings import LIMIT_SECONDS

CHECK_SECONDS = 600
MORNING = 6 * 3600  # what looks at the night waits until a long training run has left the queue
# A person waits for the answer; without this kombu would look for the broker for six seconds.
ONE_TRY = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}

log = structlog.get_logger(__name__)


@shared_task(expires=3600)
def nightly_retrain(**kwargs: Any) -> None:
    """The night's run."""
    if (run := retraining.request_nightly(now=now(), trigger="beat")) is not None:
        hand_over(run)


@shared_task(expires=CHECK_SECONDS)
def check_retraining(**kwargs: Any) -> None:
    """Start what was missed and hand on what a dead worker left."""
    for run_id in retraining.check(now=now()):
        run_retraining.apply_async(kwargs={"run_id": run_id})


# A copy of the message may come with every check; it expires before the next one is sent.
@shared_task(queue="training", expires=CHECK_SECONDS, soft_time_limit=3500, time_limit=3600)
def run_retraining(*, run_id: int, **kwargs: Any) -> None:
    """Train, in a process of the training queue."""
    retraining.run(run_id)


@shared_task(expires=CHECK_SECONDS)
def check_measurements(**kwargs: Any) -> None:
    """Start the measurements that were missed."""
    for kind in mornings.missed(now=now()):
        MEASURING[kind].apply_async(kwargs={"trigger": "catch-up"}, expires=CHECK_SECONDS)


@shared_task(queue="training", expires=MORNING, soft_time_limit=LIMIT_SECONDS - 30, time_limit=LIMIT_SECONDS)
def live_quality(*, trigger: str = "beat", **kwargs: Any) -> None:
    """Measure what served scores were worth, and go back where that is surely better. Once a night."""
    from modeling import measuring, retreating  # noqa: PLC0415 - numpy stays out of processes that do not train

    moment = now()
    if (attempt := mornings.begin(Measurement.Kind.LIVE_QUALITY, trigger=trigger, now=moment)) is None:
        return
    with attempt:
        measuring.measure(now=moment)
        if retreating.consider(now=moment).acted:
            measuring.measure(now=moment)  # of the version that serves again


@shared_task(queue="training", expires=MORNING, soft_time_limit=LIMIT_SECONDS - 30, time_limit=LIMIT_SECONDS)
def drift(*, trigger: str = "beat", **kwargs: Any) -> None:
    """Look at the leads of the last days, and hand over the run that is asked for. Once a night."""
    from modeling import watching  # noqa: PLC0415 - numpy stays out of processes that do not train

    moment = now()
    if (attempt := mornings.begin(Measurement.Kind.DRIFT, trigger=trigger, now=moment)) is None:
        return
    with attempt:
        decision = watching.watch(now=moment).decision
    if decision.run is not None:
        hand_over(decision.run)


MEASURING = {Measurement.Kind.LIVE_QUALITY: live_quality, Measurement.Kind.DRIFT: drift}


def hand_over(run: RetrainRun) -> bool:
    """Give the run to a worker. False when the broker is away: then the next check does."""
    try:
        with current_app.connection_for_write(transport_options=ONE_TRY) as broker:
            message = {"run_id": run.pk}
            run_retraining.apply_async(kwargs=message, connection=broker, retry=False)  # type: ignore[call-arg]
    except OperationalError as error:
        log.warning("retrain_not_handed_over", slot=run.slot, error=str(error))
        return False
    return True
