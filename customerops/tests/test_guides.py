"""Guides: every call that docs/api.md tells to type works, in order, against a running server."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from customerops.embedded.paths import ROOT
from customerops.tests.cast import client, key, post
from customerops.tests.servers import serving_web
from customerops.tests.test_readme import typed
from modeling.tests.cast import promoted

API = (ROOT / "docs" / "api.md").read_text()


def calls(page: str) -> list[str]:
    """What its shell blocks tell to type, one call each."""
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    return [call for block in blocks for call in block.strip().split("\n\n")]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.django_db(transaction=True)
def test_every_call_of_the_api_guide_is_answered(tmp_path: Path):
    promoted()
    variables = {"KEY": key("read", "write", "ops"), "LEAD_ID": "", "PATH": os.environ["PATH"]}
    with serving_web(tmp_path, workers=1) as port:
        for call in calls(API):
            here = call.replace("localhost:8000", f"localhost:{port}").replace(
                "curl ", "curl -sS --fail-with-body ", 1
            )
            answer = typed(here, env=variables)
            if not variables["LEAD_ID"]:
                variables["LEAD_ID"] = json.loads(answer)["lead_id"]
    assert len(calls(API)) > 8
    assert "qualified" in answer  # the export tells the ending that an earlier call recorded


@pytest.mark.django_db
def test_the_error_it_shows_is_the_one_that_comes():
    caller = client("write")
    lead = post(caller, "/v1/leads", {}).json()["lead_id"]
    refused = post(caller, f"/v1/leads/{lead}/outcome", {"state": "sold"})
    [shown] = re.findall(r"```json\n(.*?)```", API, re.DOTALL)
    assert refused.json() == json.loads(shown)
