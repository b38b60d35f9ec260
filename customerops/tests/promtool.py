"""Prometheus's tools for tests: fetched when they are not here, said clearly when they cannot be had."""

import os

import pytest

from customerops.alerts import promtool


def needed() -> None:
    """Skip with the reason; where CI is set a missing tool is a failure."""
    try:
        promtool.tool("promtool")
    except promtool.ToolMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI runs every test of the alerts: {missing}")
        pytest.skip(f"the alerts were not tested: {missing}")
