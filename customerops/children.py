"""What each child of a Celery worker does when it starts and when it ends. Imported when apps are ready."""

import os
from typing import Any

from celery import signals
from prometheus_client import multiprocess

from modeling import serving


@signals.worker_process_init.connect
def serve(**kwargs: Any) -> None:
    """Load the champion and follow it. The main process of a worker scores nothing and needs no poller."""
    serving.start(role="worker")


@signals.worker_process_shutdown.connect
def leave(**kwargs: Any) -> None:
    """Stop following, and take the child's gauges off the metrics."""
    serving.stop()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]
