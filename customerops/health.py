"""`/healthz`: this process answers. `/readyz`: what it depends on, one line each.

Only Postgres and its migrations are fatal (503: send traffic elsewhere). Without Redis, without a model or
with beat late, leads are still stored and scored as far as possible, and taking every process out of the
balancer would turn a degraded product into an outage: those answer 200 with "degraded", for alerts to read.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import redis
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from customerops import beat_tick
from modeling import serving

BEAT_LATE_SECONDS = 60.0
PATIENCE_SECONDS = 2  # with a Postgres that takes connections and says nothing


@dataclass(frozen=True)
class Finding:
    """One check: whether it is well, and what to tell an operator."""

    ok: bool
    detail: str


def postgres() -> Finding:
    """Whether a query is answered, on a connection of its own: one that hangs would never tell."""
    started = time.monotonic()
    parameters = {**connection.get_connection_params(), "connect_timeout": PATIENCE_SECONDS}
    try:
        with contextlib.closing(connection.get_new_connection(parameters)) as fresh:
            fresh.execute("SELECT 1")
    except psycopg.Error as error:
        return Finding(False, _first_line(error))
    return Finding(True, f"answered in {(time.monotonic() - started) * 1000:.1f} ms")


_migrated = False


def migrations() -> Finding:
    """Whether the database has this code's tables. Once it has, a running process need not ask again."""
    global _migrated
    if not _migrated:
        try:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except (DatabaseError, InterfaceError) as error:
            return Finding(False, _first_line(error))
        if plan:
            return Finding(False, f"{len(plan)} to apply, first {plan[0][0]}: run manage.py migrate")
        _migrated = True
    return Finding(True, "all applied")


def redis_server() -> Finding:
    """Whether Redis answers a ping."""
    try:
        with beat_tick.client() as client:
            client.ping()
    except redis.RedisError as error:
        return Finding(False, _first_line(error))
    return Finding(True, "answered")


def model() -> Finding:
    """Whether this process can score."""
    loaded = serving.current()
    return Finding(loaded is not None, f"version {loaded.version}" if loaded else "no version is loaded")


def beat() -> Finding:
    """Whether the schedule is being kept."""
    try:
        ago = beat_tick.seconds_ago()
    except redis.RedisError as error:
        return Finding(False, _first_line(error))
    if ago is None:
        return Finding(False, "has not ticked yet")
    return Finding(ago <= BEAT_LATE_SECONDS, f"ticked {ago:.0f} s ago")


FATAL: dict[str, Callable[[], Finding]] = {"postgres": postgres, "migrations": migrations}
DEGRADING: dict[str, Callable[[], Finding]] = {"redis": redis_server, "model": model, "beat": beat}


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """GET /healthz: touches nothing outside this process, so it never restarts one for another's fault."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """GET /readyz: ready or degraded with 200, unready with 503."""
    found = findings()
    if not all(found[name].ok for name in FATAL):
        status, code = "unready", 503
    elif not all(found[name].ok for name in DEGRADING):
        status, code = "degraded", 200
    else:
        status, code = "ready", 200
    checks = {name: {"ok": one.ok, "detail": one.detail} for name, one in found.items()}
    return JsonResponse({"status": status, "checks": checks}, status=code)


def findings() -> dict[str, Finding]:
    """Every check, by its name."""
    fatal: dict[str, Finding] = {}
    for name, check in FATAL.items():
        # Nobody is asked through a Postgres that does not answer.
        fatal[name] = check() if all(found.ok for found in fatal.values()) else Finding(False, "not asked")
    return fatal | {name: check() for name, check in DEGRADING.items()}


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
