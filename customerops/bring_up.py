"""The story of `manage.py up`, from an empty folder to a product that learns, in the order it happens."""

import contextlib
import fcntl
import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils.timezone import now

from customerops import credentials, demo, embedded, health, house, returning, welcome
from customerops.console import Console
from customerops.embedded.runner import ServerDidNotStart
from customerops.embedded.sandbox import writing
from customerops.supervisor import Program, StopAskedFor, Supervisor
from leads.models import Lead
from modeling import registry
from modeling.models import ModelVersion

FIRST_ANSWER_SECONDS = 60.0
DEMO_KEY = "demo leads of make up"
DEMO_WORLD = ["simulate", "--days", "90", "--seed", "7", "--verbosity", "0"]
# The first version should be there soon; the night takes the time that TUNING_SECONDS gives it.
FIRST_TUNING = {"TUNING_SECONDS": str(min(5.0, settings.TUNING_SECONDS))}


class CannotStartError(Exception):
    """One sentence that says what to change."""


def bring_up(console: Console) -> None:
    """Start everything, tell what to open, and stay until asked to stop."""
    supervisor = Supervisor(console, chores=lambda: _keep_servers(console))
    with _only_one(), supervisor.signals():
        _refuse_busy_port()
        try:
            _start(supervisor, console)
            supervisor.forever()
        except StopAskedFor:
            console.say("Stopping …")
        finally:
            supervisor.stop()
            _stop_servers(console)


def _start(supervisor: Supervisor, console: Console) -> None:
    with supervisor.interruptible():
        with console.step("Postgres and Valkey answer"):
            embedded.ensure_servers(dies_with_us=True)
            _refuse_silent_servers()
        with console.step("Tables and the schedule are made"):
            call_command("migrate", verbosity=0, interactive=False)
        _send_away_again(console)
        with console.step("Static files are in place"):
            call_command("collectstatic", verbosity=0, interactive=False)
        password, key = credentials.first_admin(), credentials.first_key()
        welcome.secrets(console, password=password, key=key)  # at once: nobody can read them later
        demo_key = credentials.replace_key(name=DEMO_KEY, scopes=["write"])
        leads, untrained = Lead.objects.count(), not ModelVersion.objects.exists()
        only_demo = not Lead.objects.exclude(external_id__startswith=demo.PREFIX).exists()
        if leads:
            champion = registry.champion()
            welcome.going_on(console, leads=leads, version=champion.version_id if champion else None)
        connections.close_all()
    web, *others = house.programs()
    supervisor.start(web)
    with console.step(f"Web answers at {house.url()}"):
        if not supervisor.wait_for(_answers, seconds=FIRST_ANSWER_SECONDS):
            console.event("web_silent", level="error", seconds=FIRST_ANSWER_SECONDS)
    for program in others:
        supervisor.start(program)
    if settings.DEMO:
        if untrained and only_demo:  # also when an earlier start was stopped half-way: what is there stays
            _run(supervisor, "The demo world is loaded: 90 days", house.command("demo", *DEMO_WORLD))
        if untrained:
            training = house.command("training", "retrain", environment=FIRST_TUNING)
            _run(supervisor, "The first version is trained and judged", training)
        supervisor.start(house.trickle(key=demo_key))
    welcome.tour(console, password=password, key=key)


def _send_away_again(console: Console) -> None:
    """After an older backup was put in place: whoever was erased since is erased again, before we serve."""
    found = returning.erase_again(actor="a start", now=now(), only_restored=True)
    if found.brought_back:
        console.event("erased_again", level="warning", leads=found.erased, held=found.held)


def _run(supervisor: Supervisor, done: str, program: Program) -> None:
    """A step that may fail: it is said, and the product serves without it."""
    console = supervisor.console
    with contextlib.suppress(_StepFailed), console.step(done):
        if status := supervisor.run(program):
            command = " ".join(program.command[1:])
            console.event("step_failed", level="error", status=status, command=command, serving="goes on")
            raise _StepFailed


class _StepFailed(Exception):
    """Leaves a step without calling it done."""


def is_up() -> bool:
    """Whether an `up` runs with the data in VAR_DIR."""
    try:
        with _only_one():
            return False
    except CannotStartError:
        return True


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Two `up` below one VAR_DIR would stop each other's servers."""
    folder = Path(settings.VAR_DIR)
    with writing():
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / ".up.lock", "w", encoding="utf-8")  # noqa: SIM115 - held by the next line
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStartError(f"`up` runs already with its data in {folder}") from None
        yield


def _refuse_busy_port() -> None:
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except OSError as error:
            raise CannotStartError(
                f"port {settings.PORT} of {settings.HOST} cannot be used ({error.strerror}): "
                f"choose another, such as PORT={settings.PORT + 1}"
            ) from None


def _refuse_silent_servers() -> None:
    """Those that a URL names are not ours to start."""
    for variable, check in (("DATABASE_URL", health.postgres), ("REDIS_URL", health.redis_server)):
        found = check()
        if not found.ok:
            raise CannotStartError(f"nobody answers at {variable}: {found.detail}")


def _answers() -> bool:
    address = urlsplit(house.url())
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _keep_servers(console: Console) -> None:
    """A server of ours that died comes back; the programs reconnect by themselves."""
    try:
        if revived := embedded.revive_servers():
            console.event("servers_revived", level="warning", servers=", ".join(revived))
    except ServerDidNotStart as error:
        console.event("servers_down", level="error", error=str(error))


def _stop_servers(console: Console) -> None:
    for name in embedded.stop_servers():
        console.event("stopped", process=name)
