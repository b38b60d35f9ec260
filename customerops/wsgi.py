"""The web process: Django behind the gateway, with the serving version loaded before the first request."""

import gc
import os
import sys
import threading
from typing import cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")

from django.core.wsgi import get_wsgi_application

django = get_wsgi_application()

from customerops import lock_waits  # noqa: E402 - Django's applications come first
from customerops.gateway import Application, Gateway  # noqa: E402
from leads import conversation  # noqa: E402
from modeling import serving  # noqa: E402

# How long a thread works before it lets one that waits go on: by default as long as a hundred scores take.
# Measured with 16 connections on one process: the p99 of a score falls by half, throughput by a tenth.
sys.setswitchinterval(0.001)
lock_waits.bound()
# granian imports this module in each worker, after the fork: every process gets a poller of its own.
serving.start(role="web")


def _get_ready() -> None:
    """Load what messages need, beside the first requests: scores need nothing of it, messages wait.

    The collector never again looks through what was loaded, which would take milliseconds out of requests.
    """
    conversation.get_ready()
    gc.collect()
    gc.freeze()


threading.Thread(target=_get_ready, name="get-ready", daemon=True).start()
application = Gateway(cast(Application, django))
