"""Programs that tests run: fetched when they are not here, said clearly when they cannot be had."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from customerops.alerts import debian, promtool


def needed() -> None:
    """Prometheus's tools, or the test is skipped with the reason; where CI is set that is a failure."""
    try:
        promtool.tool("promtool")
    except debian.ToolMissing as missing:
        _without("the alerts were not tested", missing)


def nginx() -> Path:
    """A real nginx, or the same."""
    try:
        return debian.program("nginx", package="nginx")
    except debian.ToolMissing as missing:
        _without("the proxy was not tested", missing)


def _without(what: str, missing: debian.ToolMissing) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"CI runs every test: {missing}")
    pytest.skip(f"{what}: {missing}")
