"""Every call that docs/followups.md tells to type works, in order, against a running server."""

import json
import os
import shutil
from pathlib import Path

import pytest
from django.utils.timezone import now

from customerops.embedded.paths import ROOT
from customerops.tests.cast import key
from customerops.tests.servers import serving_web
from customerops.tests.test_guides import calls
from customerops.tests.test_readme import typed
from followups.templating.filters import FILTERS
from followups.templating.language import ATTRIBUTES, VARIABLES
from leads.models import Lead

GUIDE = (ROOT / "docs" / "followups.md").read_text()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.django_db(transaction=True)
def test_every_call_of_the_guide_is_answered(tmp_path: Path):
    lead = Lead.objects.create(source="web", created_at=now())
    variables = {"KEY": key("read", "write", "ops"), "LEAD_ID": str(lead.pk), "PATH": os.environ["PATH"]}
    answers = []
    with serving_web(tmp_path, workers=1) as port:
        for call in calls(GUIDE):
            here = call.replace("localhost:8000", f"localhost:{port}")
            line = here.replace("curl ", "curl -sS --fail-with-body ", 1)
            answers.append(json.loads(typed(line, env=variables)))
            variables.setdefault("POLICY_ID", str(answers[0]["id"]))
    written, switched, preview, calendar, effect, off, standing, *_, steps, doubtful = answers
    assert (written["on"], switched["on"]) == (False, True)
    assert preview["steps"][0]["body"].startswith("Hi there, is there anything")
    assert len(calendar["days"]) == 15
    assert effect["verdict"] == "nothing_held_out"  # nobody has come in
    assert (off["on"], standing["on"]) == (False, False)
    assert (steps["followups"], doubtful["results"]) == ([], [])


def test_it_names_every_variable_filter_and_state():
    for name in (*VARIABLES, f"{ATTRIBUTES}.rooms", *FILTERS):
        assert f"`{name}" in GUIDE, name
