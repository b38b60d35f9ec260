"""`manage.py up`: everything on this machine, from an empty folder to a model that serves."""

import os
import socket
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerops import credentials, embedded, house
from customerops.console import Console
from customerops.supervisor import StopAskedFor, Supervisor
from leads.models import Lead
from modeling import registry

FIRST_ANSWER_SECONDS = 60.0
JSON = "-H 'content-type: application/json'"


class Command(BaseCommand):
    """One supervisor; Ctrl-C ends all in order."""

    help = (
        "Start servers, web, workers and beat; on the first start also make keys, a demo world and a model."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, then look after what runs until a signal comes."""
        host, port = options["host"], options["port"]
        if _answers(host, port):
            raise CommandError(f"port {port} on {host} is taken; choose another: PORT={port + 80} make up")
        console = Console(raw=os.environ.get("LOG_FORMAT") == "json")
        supervisor = Supervisor(console)
        with supervisor.signals():
            try:
                _start(supervisor, host, port)
                supervisor.forever()
            except StopAskedFor:
                console.say("stopping: demo, beat, workers, web, then the servers")
            finally:
                supervisor.stop()
                _stop_servers()


def _start(supervisor: Supervisor, host: str, port: int) -> None:
    console, url = supervisor.console, f"http://{host}:{port}"
    with supervisor.interruptible():
        with console.step("Postgres and Valkey answer"):
            embedded.ensure_servers(dies_with_us=True)
        with console.step("the database and static files are ready"):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("collectstatic", verbosity=0, interactive=False)
        password, key = credentials.first_admin(), credentials.first_key()
    with console.step(f"{url} answers"):
        for program in house.programs(host=host, port=port):
            supervisor.start(program)
        if not supervisor.wait_for(lambda: _answers(host, port), seconds=FIRST_ANSWER_SECONDS):
            raise CommandError(f"{url} did not answer within {FIRST_ANSWER_SECONDS:.0f} s; its log is above")
    _load_demo(supervisor, url)
    console.say(_welcome(url, password, key))


def _load_demo(supervisor: Supervisor, url: str) -> None:
    if os.environ.get("DEMO", "1") == "0":
        return
    if not Lead.objects.exists():
        _run(supervisor, "90 days of a made-up business are in", "simulate", "--days", "90", "--seed", "7")
    if registry.champion() is None:
        _run(supervisor, "the first model is learned and judged", "retrain")
    supervisor.start(house.trickle(url=url, key=credentials.replace_key(name="demo", scopes=["write"])))


def _run(supervisor: Supervisor, done: str, *command: str) -> None:
    """A step that may fail: what runs goes on serving."""
    with supervisor.console.step(done):
        status = supervisor.run(house.command(*command))
    if status != 0:
        supervisor.console.event("setup_step_failed", level="error", step=" ".join(command), status=status)


def _welcome(url: str, password: str | None, key: str | None) -> str:
    login = f"admin / {password}" if password else "as at the first start (manage.py changepassword admin)"
    shown = key or "as at the first start (manage.py create_api_key me --scopes read,write,ops)"
    header = f"-H 'x-api-key: {key or '$KEY'}'"
    attributes = '{"attributes": {"party_size": 4}, "source": "partner"}'
    return f"""
  Admin     {url}/admin/   {login}
  API       {url}/docs     key {shown}
  Metrics   {url}/metrics

  curl {url}/v1/predict {header} {JSON} -d '{attributes}'
  curl {url}/v1/leads {header} {JSON} -d '{{"external_id": "ada", "source": "referral"}}'
  curl {url}/ops/model-status {header}

  Ctrl-C stops everything.
"""


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _stop_servers() -> None:
    # Servers named by a URL belong to somebody else.
    if not os.environ.get("REDIS_URL"):
        from customerops.embedded import valkey

        valkey.stop()
    if not os.environ.get("DATABASE_URL"):
        from customerops.embedded import postgres

        postgres.stop()
