"""docs/api.md: every call that it tells to type is answered, and what it shows of errors is what comes."""

import json
import re
from pathlib import Path

import pytest
import yaml

from customerops.embedded.paths import ROOT
from customerops.tests.cast import client, key, post
from customerops.tests.documents import page, pages
from customerops.tests.servers import serving_web
from customerops.tests.terminal import Terminal
from modeling.tests.cast import promoted


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_call_of_the_api_guide_is_answered(tmp_path: Path):
    promoted()
    with serving_web(tmp_path, workers=1) as port:
        terminal = Terminal(tmp_path, port=port, KEY=key("read", "write", "ops"))
        answers = list(terminal.type_page(page("docs/api.md")).values())
    assert len(answers) > 8
    assert "qualified" in answers[-1]  # the export tells the ending that an earlier call recorded


def test_every_address_of_the_api_is_told_of_on_some_page():
    unnamed = re.compile(r"\{[^}]+\}|\$[A-Z_]+")
    told = unnamed.sub("{}", "\n".join(source.text for source in pages()))
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"]
    assert [path for path in paths if unnamed.sub("{}", path) not in told] == []
    assert len(paths) > 25


@pytest.mark.django_db
def test_the_error_it_shows_is_the_one_that_comes():
    caller = client("write")
    lead = post(caller, "/v1/leads", {}).json()["lead_id"]
    refused = post(caller, f"/v1/leads/{lead}/outcome", {"state": "sold"})
    [shown] = page("docs/api.md").of_language("json")
    assert refused.json() == json.loads(shown)
