"""The guide for whoever is paged: what it tells to type first works as it stands there, and only looks."""

import re

import pytest

from customerops.alerts import files
from customerops.tests.documents import page
from customerops.tests.servers import serving_web
from customerops.tests.terminal import Terminal
from modeling.models import Deployment
from modeling.tests.cast import promoted

TEXT = files.RUNBOOKS.read_text()
ALERTS = {rule.name for rule in files.all_rules() if not rule.records}


def test_every_section_is_an_alert_that_exists():
    assert set(re.findall(r"^## (\w+)$", TEXT, re.MULTILINE)) == ALERTS


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_every_section_says_what_it_means_what_to_look_at_what_to_do_and_when_not_to(name):
    said = re.split(r"^\*\*(Meaning\.|First\.|Then\.|Ignore it\*\*)", files.runbook(name), flags=re.MULTILINE)
    assert said[1::2] == ["Meaning.", "First.", "Then.", "Ignore it**"]
    assert "```sh\n" in said[4]
    assert min(len(text.strip("*\n ")) for text in said[2::2]) > 5


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
        answers = Terminal(tmp_path, port=port).type_page(page("docs/troubleshooting.md"))
    assert len(answers) > 10
    assert [command for command, told in answers.items() if not told.strip()] == []
    assert Deployment.objects.count() == before
