"""Every call that docs/followups.md tells to type works, in order, against a running server."""

import json
from pathlib import Path

import pytest
from django.utils.timezone import now

from customerops.tests.cast import key
from customerops.tests.documents import page
from customerops.tests.servers import serving_web
from customerops.tests.terminal import Terminal
from followups.templating.filters import FILTERS
from followups.templating.language import ATTRIBUTES, VARIABLES
from leads.models import Lead


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_call_of_the_guide_is_answered(tmp_path: Path):
    lead = Lead.objects.create(source="web", created_at=now())
    with serving_web(tmp_path, workers=1) as port:
        terminal = Terminal(tmp_path, port=port, KEY=key("read", "write", "ops"), LEAD_ID=str(lead.pk))
        answers = [json.loads(told) for told in terminal.type_page(page("docs/followups.md")).values()]
    written, switched, preview, calendar, effect, off, standing, *_, steps, doubtful = answers
    assert (written["on"], switched["on"]) == (False, True)
    assert preview["steps"][0]["body"].startswith("Hi there, is there anything")
    assert len(calendar["days"]) == 15
    assert effect["verdict"] == "nothing_held_out"  # nobody has come in
    assert (off["on"], standing["on"]) == (False, False)
    assert (steps["followups"], doubtful["results"]) == ([], [])


def test_it_names_every_variable_filter_and_state():
    for name in (*VARIABLES, f"{ATTRIBUTES}.rooms", *FILTERS):
        assert f"`{name}" in page("docs/followups.md").prose, name
