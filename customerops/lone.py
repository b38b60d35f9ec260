"""`manage.py run`: one program of the house by itself, as a container or a service manager runs it.

It is stopped as `manage.py up` stops it, but not started again: that is for whoever started us.
"""

from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import connections

from customerops import house, metrics, scraping
from customerops.console import Console
from customerops.supervisor import Program, StopAskedFor, Supervisor

WEB = "web"


def run(name: str, console: Console) -> int:
    """Run until the program ends (its exit status) or we are asked to stop (0).

    Raises ServerDidNotStart, and OSError when METRICS_PORT cannot be used.
    """
    program = replace(house.one(name), restarts=False)
    supervisor = Supervisor(console)
    pages = _pages(program)
    with (
        supervisor.signals(),
        scraping.answering(host=settings.HOST, port=settings.METRICS_PORT, pages=pages),
    ):
        try:
            return _status(supervisor.run(program))
        except StopAskedFor:
            return 0
        finally:
            supervisor.stop()


def _pages(program: Program) -> scraping.Pages:
    folder = Path(program.environment["PROMETHEUS_MULTIPROC_DIR"])

    def measured() -> bytes:
        counted = metrics.of_processes(folder)
        # Told by one kind of container: what Postgres holds is the same seen from all.
        return counted + _rows() if program.name == WEB else counted

    return {"/metrics": measured, "/healthz": lambda: b"ok\n"}


def _rows() -> bytes:
    try:
        return metrics.of_rows()
    finally:
        connections.close_all()  # the thread ends with its answer


def _status(returned: int) -> int:
    # As a shell says it: a signal is no status.
    return returned if returned >= 0 else 128 - returned
