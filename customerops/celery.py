"""The Celery application: the broker beside the other Redis data, and JSON logs."""

import os
import warnings
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import structlog
from celery import Celery, signals
from celery.exceptions import CPendingDeprecationWarning
from django.conf import settings

from customerops import log as logs
from customerops.env import EnvError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")
log = structlog.get_logger(__name__)


def broker_url(redis_url: str) -> str:
    """`redis_url` in the broker's dialect and on the next database: a flush of one leaves the other.

    >>> broker_url("unix:///run/valkey.sock?db=0")
    'redis+socket:///run/valkey.sock?virtual_host=1'
    >>> broker_url("redis://:secret@cache:6379/2")
    'redis://:secret@cache:6379/3'
    """
    parts = urlsplit(redis_url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    named = query.pop("db", None) or ("" if parts.scheme == "unix" else parts.path.strip("/"))
    if named and not named.isdecimal():
        raise EnvError("REDIS_URL must end with the number of a database, as in redis://host:6379/0")
    database = int(named or 0) + 1
    if parts.scheme == "unix":
        # kombu takes the path as it stands, redis-py quotes it
        query = {"virtual_host": str(database)} | query
        return f"redis+socket://{parts.netloc}{unquote(parts.path)}?{urlencode(query)}"
    return parts._replace(path=f"/{database}", query=urlencode(query)).geturl()


app = Celery("customerops", broker=settings.BROKER_URL or broker_url(settings.REDIS_URL))
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def _log_json(**kwargs: Any) -> None:
    # Connected, so Celery leaves logging alone: its own formats are not JSON.
    logs.configure(settings.LOGGING)


@signals.worker_ready.connect
def _hush(**kwargs: Any) -> None:
    # Celery, which asks for these warnings while it starts, would tell at each lost connection of a default
    # that changes in version 6; settings.py names the value we want.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
