"""The programs of the product, as `manage.py up` runs them and a production supervisor may copy them."""

import os
import shutil
import signal
import sys
from pathlib import Path

from django.conf import settings

from customerops import web
from customerops.embedded.paths import ROOT
from customerops.supervisor import Program

# Later stages are stopped first: who makes work, who does it, who answers.
WEB, WORKERS, BEAT, DEMO, CHORE = 1, 2, 3, 4, 5
MANAGE = [sys.executable, str(ROOT / "manage.py")]
CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "customerops"]
# Celery warns root about pickled messages; ours are JSON only (CELERY_ACCEPT_CONTENT).
CELERY_AS_ROOT = "ignore:You're running the worker with superuser privileges"
LEANER = {"OMP_NUM_THREADS": "1"}  # scores need no threads; only training keeps the machine's default


def metrics_dir() -> Path:
    """Where the long-running processes keep their counters."""
    return Path(settings.VAR_DIR) / "metrics"


def fresh_metrics_dir() -> None:
    """Empty it: counters of an earlier start belong to processes that are no more."""
    shutil.rmtree(metrics_dir(), ignore_errors=True)
    metrics_dir().mkdir(parents=True)


def _common() -> dict[str, str]:
    # prometheus_client reads the variable when it is imported, so it is set before Python starts.
    return {
        "VAR_DIR": str(settings.VAR_DIR),
        "PYTHONWARNINGS": CELERY_AS_ROOT,
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "PROMETHEUS_MULTIPROC_DIR": str(metrics_dir()),
    }


def web_server() -> Program:
    """Granian with our WSGI application."""
    command = web.command(settings.HOST, settings.PORT, settings.WEB_WORKERS)
    return Program("web", command, WEB, _common() | LEANER, patience=15)


def worker() -> Program:
    """Celery for everything but training."""
    return _worker("worker", "default", children=2, environment=LEANER)


def training_worker() -> Program:
    """Celery for training: one run at a time, each in a fresh child that gives its memory back."""
    return _worker("training", "training", "--max-tasks-per-child", "1", children=1, environment={})


def _worker(name: str, queue: str, *more: str, children: int, environment: dict[str, str]) -> Program:
    command = [*CELERY, "worker", "-Q", queue, "-c", str(children), "-n", f"{name}@%h", "--loglevel", "INFO"]
    command += ["--without-mingle", "--without-gossip", *more]
    # When we die Postgres and the broker die too: SIGQUIT drops the task at once instead of finishing it.
    return Program(name, command, WORKERS, _common() | environment, patience=10, death_signal=signal.SIGQUIT)


def beat() -> Program:
    """The schedule."""
    return Program("beat", [*CELERY, "beat", "--pidfile=", "--loglevel", "INFO"], BEAT, _common() | LEANER)


def demo(*, key: str) -> Program:
    """Leads that arrive one by one, so that there is something to watch."""
    command = [*MANAGE, "simulate", "--live", "--url", local_url()]
    environment = {"VAR_DIR": str(settings.VAR_DIR), "CUSTOMEROPS_API_KEY": key}
    return Program("demo", command, DEMO, environment | LEANER, patience=5)


def chore(name: str, *arguments: str, environment: dict[str, str] | None = None) -> Program:
    """A management command that ends by itself."""
    return Program(
        name, [*MANAGE, *arguments], CHORE, {"VAR_DIR": str(settings.VAR_DIR)} | (environment or {}),
        restarts=False,
    )  # fmt: skip


def local_url() -> str:
    """Where this machine reaches the web server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)  # noqa: S104
    return f"http://{host}:{settings.PORT}"
