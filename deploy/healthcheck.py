"""Whether a URL answers 200: `python -I healthcheck.py URL`. The image has no curl, and needs none."""

import sys
from urllib.error import URLError
from urllib.request import urlopen

SECONDS = 4  # less than the engine waits for us


def main(url: str) -> str | None:
    """What is wrong; None when all is well."""
    try:
        with urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - the URL is ours
            return None if answer.status == 200 else f"{url}: {answer.status}"
    except (URLError, OSError) as error:
        return f"{url}: {error}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
