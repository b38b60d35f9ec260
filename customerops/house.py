"""What `manage.py up` runs, in the order it starts: web server, workers, dispatcher, beat, demo leads."""

import shutil
import signal
import sys
from pathlib import Path

from django.conf import settings

from customerops import web
from customerops.embedded.sandbox import writing
from customerops.supervisor import Program

# Celery warns root about pickled messages; ours are JSON only (CELERY_ACCEPT_CONTENT).
AS_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
MESSAGE_SECONDS = 45  # what is being sent is sent to its end (`Channel.longest`), and written down
ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # only training gains from more


def url() -> str:
    """Where this machine reaches the web server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)  # noqa: S104
    return f"http://{host}:{settings.PORT}"


def metrics_folder(name: str = "metrics") -> Path:
    """An empty folder for the processes' metric files: those of an earlier start would count again.

    Raises ServerDidNotStart.
    """
    folder = Path(settings.VAR_DIR) / name
    with writing(folder):
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    return folder


def programs(folder: Path | None = None) -> list[Program]:
    """The product's own processes. Only they write metric files, into `folder`; commands do not."""
    measured = _place() | AS_ROOT | {"PROMETHEUS_MULTIPROC_DIR": str(folder or metrics_folder())}
    server = web.command(settings.HOST, settings.PORT, settings.WEB_WORKERS)
    return [
        Program("web", server, 1, measured | ONE_THREAD, patience=25),
        _worker("worker", "-Q", "default", "-c", "2", "-n", "default@%h", environment=measured | ONE_THREAD),
        # A run has a child to itself, which gives its memory back at the end.
        _worker(
            "training", "-Q", "training", "-c", "1", "-n", "training@%h", "--max-tasks-per-child", "1",
            environment=measured,
        ),
        _dispatcher(measured | ONE_THREAD),
        Program("beat", _celery("beat", "--pidfile="), 3, measured | ONE_THREAD),
    ]  # fmt: skip


def names() -> list[str]:
    """Of the programs."""
    return [program.name for program in programs(Path())]


def one(name: str) -> Program:
    """The program of that name, measured in a folder of its own. Raises ServerDidNotStart."""
    [found] = [program for program in programs(metrics_folder(f"metrics-{name}")) if program.name == name]
    return found


def command(name: str, *arguments: str, environment: dict[str, str] | None = None) -> Program:
    """A step of the first start, run once."""
    return Program(name, _python("manage.py", *arguments), 4, _place() | (environment or {}), restarts=False)


def trickle(*, key: str) -> Program:
    """Demo leads that arrive while somebody watches."""
    environment = _place() | ONE_THREAD | {"CUSTOMEROPS_URL": url(), "CUSTOMEROPS_API_KEY": key}
    return Program("demo", _python("manage.py", "simulate", "--live"), 4, environment)


def _worker(name: str, *arguments: str, environment: dict[str, str]) -> Program:
    # When we die the servers die too: SIGQUIT drops the task at once, where SIGTERM would finish it first.
    return Program(
        name, _celery("worker", "--without-mingle", "--without-gossip", *arguments), 2, environment,
        death_signal=signal.SIGQUIT, patience=MESSAGE_SECONDS,
    )  # fmt: skip


def _dispatcher(environment: dict[str, str]) -> Program:
    # Past manage.py, which would start servers that are down: here that is the supervisor's.
    command = _python("-m", "django", "send_due", "--loop", "--settings", "customerops.settings")
    return Program("dispatcher", command, 2, environment, patience=MESSAGE_SECONDS)


def _place() -> dict[str, str]:
    # Absolute: the programs start in the checkout, wherever we were started.
    return {"VAR_DIR": str(settings.VAR_DIR)}


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _celery(*arguments: str) -> list[str]:
    return _python("-m", "celery", "--quiet", "-A", "customerops.celery", *arguments, "--loglevel", "INFO")
