"""What `manage.py up` tells a newcomer: who may log in, what to open, what to try."""

import os
import shlex
import sys

from customerops import house
from customerops.console import Console
from customerops.credentials import ADMIN
from customerops.embedded.paths import ROOT

LEAD = (
    '{"source": "referral", "attributes": {"service": "bathroom", "region": "centre", "device": "desktop", '
    '"budget": 9000}}'
)


def secrets(console: Console, *, password: str | None, key: str | None) -> None:
    """Shown at the first start only: neither can be read again."""
    if password:
        console.say(f"\n  Admin      {ADMIN} / {password}     (shown once)")
    if key:
        console.say(f"  API key    {key}     (shown once; scopes read, write, ops)\n")


def going_on(console: Console, *, leads: int, version: int | None) -> None:
    """Shown at every later start."""
    serves = "no version serves yet" if version is None else f"version {version} serves"
    console.say(f"\n  Going on with {leads:,} {'lead' if leads == 1 else 'leads'}; {serves}.\n")


def tour(console: Console, *, password: str | None, key: str | None) -> None:
    """Three doors and three calls, and how to come by what they ask for."""
    url, shown = house.url(), key or "$KEY"
    console.say(
        f"""
  Open       {url}/admin/     versions, runs, leads, the schedule
             {url}/docs       the API, to read and to try
             {url}/metrics    what Prometheus reads

  Try        curl -s {url}/v1/predict -H "x-api-key: {shown}" -H 'content-type: application/json' \\
                  -d '{LEAD}'
             curl -s {url}/v1/leads -H "x-api-key: {shown}" -H 'content-type: application/json' \\
                  -d '{LEAD}'
             curl -s {url}/ops/model-status -H "x-api-key: {shown}"
"""
    )
    if password:
        console.say(f"  Log in     {ADMIN} / {password}")
    else:
        console.say(f"  Log in     as before; a forgotten password: {_manage('changepassword', ADMIN)}")
    if not key:
        made = _manage("create_api_key", "me", "--scopes", "read,write,ops")
        console.say(f"  A key      KEY=$({made})")
    console.say("\n  Ctrl-C stops everything.\n")


def _manage(*arguments: str) -> str:
    """The command as this checkout is to be asked, ready to be pasted."""
    place = [f"VAR_DIR={shlex.quote(os.environ['VAR_DIR'])}"] if os.environ.get("VAR_DIR") else []
    program = [os.path.relpath(path) for path in (sys.executable, ROOT / "manage.py")]
    return " ".join([*place, shlex.join([*program, *arguments])])
