#!/usr/bin/env python
"""Django's command line, with the embedded Postgres and Valkey started when no URL names others."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from customerops import embedded
from customerops.embedded.runner import ServerDidNotStart
from customerops.env import EnvError

SERVERLESS = {
    "up",
    "services",
    "help",
    "--help",
    "--version",
    "check",
    "collectstatic",
    "makemigrations",
    "backtest",
    "train_model",
    "alert_rules",
    "alert_drill",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")
    try:
        embedded.ensure_secrets()
        if len(sys.argv) > 1 and sys.argv[1] not in SERVERLESS:
            embedded.ensure_servers()
        execute_from_command_line(sys.argv)
    except (EnvError, ServerDidNotStart) as error:
        sys.exit(f"customerops: {error}")
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"customerops: Postgres: {str(error).strip().splitlines()[0]}")


if __name__ == "__main__":
    main()
