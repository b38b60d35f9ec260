"""What `manage.py up` tells a newcomer: who may log in, what to open, what to try."""

from customerops import programs
from customerops.console import Console
from customerops.first_run import ADMIN, Credentials

LEAD = (
    '{"source": "referral", "attributes": {"service": "bathroom", "region": "centre", "device": "desktop", '
    '"budget": 9000}}'
)


def credentials(console: Console, made: Credentials) -> None:
    """Shown at the first start only: neither can be read again."""
    if made.password:
        console.say(f"\n  Admin      {ADMIN} / {made.password}     (shown once)")
    if made.key:
        console.say(f"  API key    {made.key}     (shown once; scopes read, write, ops)\n")


def tour(console: Console, made: Credentials) -> None:
    """Three doors and three calls."""
    url, key = programs.local_url(), made.key or "$KEY"
    console.say(
        f"""
  Open       {url}/admin/     versions, runs, leads, the schedule
             {url}/docs       the API, to read and to try
             {url}/metrics    what Prometheus reads

  Try        curl -s {url}/v1/predict -H 'x-api-key: {key}' -H 'content-type: application/json' \\
                  -d '{LEAD}'
             curl -s {url}/v1/leads -H 'x-api-key: {key}' -H 'content-type: application/json' \\
                  -d '{LEAD}'
             curl -s {url}/ops/model-status -H 'x-api-key: {key}'
"""
    )
    if not made.password:
        console.say("  An administrator exists: manage.py changepassword, or manage.py createsuperuser.")
    if not made.key:
        console.say("  API keys exist: KEY=$(manage.py create_api_key NAME --scopes read,write,ops).")
    console.say("  Ctrl-C stops everything.\n")
