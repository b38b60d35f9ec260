"""What `manage.py up` tells a newcomer: who may log in, what to open, what to try."""

from customerops import house
from customerops.console import Console
from customerops.credentials import ADMIN

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


def tour(console: Console, *, password: str | None, key: str | None) -> None:
    """Three doors and three calls."""
    url, shown = house.url(), key or "$KEY"
    console.say(
        f"""
  Open       {url}/admin/     versions, runs, leads, the schedule
             {url}/docs       the API, to read and to try
             {url}/metrics    what Prometheus reads

  Try        curl -s {url}/v1/predict -H 'x-api-key: {shown}' -H 'content-type: application/json' \\
                  -d '{LEAD}'
             curl -s {url}/v1/leads -H 'x-api-key: {shown}' -H 'content-type: application/json' \\
                  -d '{LEAD}'
             curl -s {url}/ops/model-status -H 'x-api-key: {shown}'
"""
    )
    if not password:
        console.say("  An administrator exists: manage.py changepassword, or manage.py createsuperuser.")
    if not key:
        console.say("  API keys exist: KEY=$(manage.py create_api_key NAME --scopes read,write,ops).")
    console.say("  Ctrl-C stops everything.\n")
