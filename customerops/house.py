"""What `manage.py up` runs, in the order it starts: the web server, the workers, beat, the demo's trickle."""

import shutil
import sys
from pathlib import Path

from django.conf import settings

from customerops import web
from customerops.supervisor import Program


def metrics_folder() -> Path:
    """An empty folder for the processes' metric files: those of an earlier start would count again."""
    folder = Path(settings.VAR_DIR) / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def programs(*, host: str, port: int) -> list[Program]:
    """The product's own processes. Only they write metric files; commands do not."""
    measured = {"PROMETHEUS_MULTIPROC_DIR": str(metrics_folder())}
    one_thread = measured | {"OMP_NUM_THREADS": "1"}
    workers = settings.WEB_WORKERS
    return [
        Program("web", web.command(host, port, workers), 1, one_thread, patience=25),
        Program("worker", _celery("worker", "-Q", "default", "-c", "2", "-n", "default@%h"), 2, one_thread),
        Program("training", _celery("worker", "-Q", "training", "-c", "1", "-n", "training@%h"), 2, measured),
        Program("beat", _celery("beat"), 3, one_thread),
    ]


def command(*arguments: str) -> Program:
    """A step of the first start, run once."""
    return Program("setup", _python("manage.py", *arguments), 4, restarts=False)


def trickle(*, url: str, key: str) -> Program:
    """Demo leads that arrive while somebody watches."""
    environment = {"CUSTOMEROPS_URL": url, "CUSTOMEROPS_API_KEY": key}
    return Program("demo", _python("manage.py", "simulate", "--live"), 4, environment)


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _celery(*arguments: str) -> list[str]:
    return _python("-m", "celery", "-A", "customerops.celery", "--quiet", *arguments)
