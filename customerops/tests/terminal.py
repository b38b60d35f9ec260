"""A terminal for what pages tell to type: commands go to this checkout, calls to a running web server.

What needs docker, kubectl or make is refused with a reason; what runs inside of a container is typed outside.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from string import Template

import pytest
from django.core.management import call_command

from customerops.embedded.paths import ROOT
from customerops.tests.deploy.files import services
from customerops.tests.documents import Page, words
from modeling.tests.processes import environment

HOSTS = re.compile(r"(?:http://)?localhost:8000|https://customerops\.example")
# A shell with what the pages take for granted: the checkout's commands by name, and calls that fail loudly.
SHELL = f"""
manage.py() {{ {shlex.quote(sys.executable)} {shlex.quote(str(ROOT / "manage.py"))} "$@"; }}
curl() {{ command curl -sS --fail-with-body "$@"; }}
"""
# What was said first of these is remembered: pages go on with it, as `$LEAD_ID`.
REMEMBERED = {
    "LEAD_ID": r'"lead_id": ?"([^"]+)"',
    "RUN_ID": r'"id": ?(\d+),"slot"',
    "POLICY_ID": r'^\{"id": ?(\d+)',
    "CERTIFICATE": r"Certificate (\d+)",
    "OLD_PREFIX": r"^(\w{8})\.\w{32}$",
}
# Programs that are not here, or would do to this machine what a test must not.
REFUSED = {
    "docker": "needs an engine: services and actions are compared with the compose file",
    "kubectl": "needs a cluster: kinds and names are compared with the manifests",
    "createsuperuser": "asks its questions at a terminal: a test of its own answers them",
    "make": "installs, or runs this very test: its targets are compared with the Makefile",
    "deploy/backup.sh": "needs Postgres's tools: a drill of its own runs it",
    "deploy/restore.sh": "takes the database's place: a drill of its own runs it",
}


def inside(command: str) -> str:
    """What a container would run, and anything else as it is."""
    typed = words(command)
    if typed[:2] == ["docker", "compose"] and typed[2] in ("exec", "run"):
        service, *rest = [word for word in typed[3:] if word != "--rm"]
        return shlex.join(rest or ["manage.py", *services()[service]["command"]]).removeprefix("python ")
    if typed[0] == "kubectl" and "--" in typed:
        return shlex.join(typed[typed.index("--") + 1 :]).removeprefix("python ")
    return command


def refusal(command: str) -> str:
    """Why it is not typed; empty when it is."""
    program, *rest = words(inside(command))
    return REFUSED.get(rest[0] if program == "manage.py" else program, "")


class Terminal:
    """Remembers what was exported and answered, as whoever types on does."""

    def __init__(self, folder: Path, *, port: int = 0, **variables: str) -> None:
        self.folder = folder
        self.port = port
        self.variables = variables

    def type(self, command: str) -> str:
        """What it prints. It has to succeed."""
        command = inside(command)
        typed = words(command)
        plain = typed[0] == "manage.py" and not {"|", "<", "&&", ";"} & set(typed)
        said = self._manage(typed[1:]) if plain else self._shell(command)
        for name, told in REMEMBERED.items():
            if found := re.search(told, said, re.MULTILINE):
                self.variables.setdefault(name, found[1])
        return said

    def type_page(self, page: Page) -> dict[str, str]:
        """What each command of its blocks prints, in order and once each, those aside that are refused."""
        commands = dict.fromkeys(page.commands())
        return {command: self.type(command) for command in commands if not refusal(command)}

    def _manage(self, typed: list[str]) -> str:
        # in this process: another one would take a second to import the same code
        printed = io.BytesIO()
        said = io.TextIOWrapper(printed, "utf-8", write_through=True)
        name, *rest = [Template(word).substitute(self.variables) for word in typed]
        target = None
        if ">" in rest:
            *rest, _, target = rest
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
            patch.chdir(self.folder)
            for variable, value in environment().items():  # for processes that it starts
                patch.setenv(variable, value)
            call_command(name, *rest, stdout=said, stderr=io.StringIO())
        if target:
            (self.folder / target).write_bytes(printed.getvalue())
        return printed.getvalue().decode()

    def _shell(self, command: str) -> str:
        exported = self.folder / "exported"
        here = HOSTS.sub(f"127.0.0.1:{self.port}", command)
        script = f"{SHELL}\ntrap 'command env -0 > {shlex.quote(str(exported))}' EXIT\n{here}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, env=environment() | self.variables,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        now = dict(pair.split("=", 1) for pair in exported.read_text().split("\0") if "=" in pair)
        self.variables |= {name: value for name, value in now.items() if os.environ.get(name) != value}
        return done.stdout
