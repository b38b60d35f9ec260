"""The guide for whoever is paged: what it tells to type first works as it stands there, and only looks."""

import re
import subprocess
import sys

import pytest

from customerops.alerts import files
from customerops.tests.servers import serving_web, wait_for
from modeling.models import Deployment
from modeling.tests.cast import promoted
from modeling.tests.processes import ROOT, environment

TEXT = files.RUNBOOKS.read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
LINES = list(dict.fromkeys(line for block in BLOCKS for line in block.splitlines()))
ALERTS = {rule.name for rule in files.all_rules() if not rule.records}


def test_every_section_is_an_alert_that_exists():
    assert set(re.findall(r"^## (\w+)$", TEXT, re.MULTILINE)) == ALERTS


def test_every_link_within_the_guide_has_its_section():
    assert set(re.findall(r"\]\(#(\w+)\)", TEXT)) <= {name.lower() for name in ALERTS}


def test_every_series_the_guide_names_is_recorded_by_a_rule():
    named = set(re.findall(r"`(customerops:[\w:]+)`", TEXT))
    assert named
    assert named <= {rule.name for rule in files.all_rules() if rule.records}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_it_tells_to_type_first_works_and_changes_no_model(tmp_path):
    promoted()
    before = Deployment.objects.count()
    with serving_web(tmp_path, workers=1) as port:
        wait_for(lambda: not typed(LINES[0], port), seconds=20)  # it listens a moment after it has loaded
        failed = {line: told for line in LINES if (told := typed(line, port))}
    assert failed == {}
    assert Deployment.objects.count() == before


def typed(line: str, port: int) -> str:
    """Empty when it works; what it said when it does not. A `grep` that finds nothing is no good advice."""
    here = line.replace("localhost:8000", f"127.0.0.1:{port}").replace(
        "manage.py", f"{sys.executable} manage.py"
    )
    told = subprocess.run(
        ["bash", "-o", "pipefail", "-c", here],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return (
        ""
        if told.returncode == 0 and told.stdout.strip()
        else f"{told.returncode}: {told.stdout}{told.stderr}"
    )
