"""The two doors to the dispatcher: the command and the task."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from followups import tasks
from followups.models import FollowUp
from followups.tests.cast import lead, policy
from modeling.tests.processes import ROOT, environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent")]


@pytest.fixture
def due():
    """Three steps whose time has come."""
    policy("1m", hours={"quiet": []}, caps={"lead_per_day": None})
    for _ in range(3):
        lead(now())
    FollowUp.objects.update(due_at=now() - timedelta(minutes=1), planned_at=now() - timedelta(minutes=1))


def test_the_command_sends_what_is_due_and_ends(due, sent):
    assert call_command("send_due") == "Follow-ups: 3 sent."
    assert call_command("send_due") == "Follow-ups: nothing was due."
    assert len(sent) == 3


def test_the_command_sends_no_more_than_its_limit(due, sent):
    assert call_command("send_due", "--limit", "2") == "Follow-ups: 2 sent."
    assert len(sent) == 2


def test_the_task_sends_what_is_due(due, sent):
    assert tasks.send_due(from_a_newer_release=True) == 3
    assert tasks.send_due() == 0


def test_the_command_needs_no_redis():
    command = [sys.executable, "-m", "django", "send_due", "--settings", "customerops.settings"]
    told = subprocess.run(
        command, cwd=ROOT, env=environment(REDIS_URL="unix:///nowhere/valkey.sock?db=0"),
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert told.stdout.strip() == "Follow-ups: nothing was due."
