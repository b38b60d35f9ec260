"""`manage.py prepare`: safe to run again, and stopped by settings that must not serve."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from customerops.tests.people import arrived, erased
from customerops.tests.test_returning import backup, forget_redis, restore
from leads.models import Lead

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_copies(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    forget_redis()
    yield
    forget_redis()


def test_it_says_that_the_programs_may_start():
    assert call_command("prepare", verbosity=0) == "Ready to start."


def test_it_sends_away_again_who_came_back_with_a_backup():
    arrived()
    dump = backup()
    erased(external_id="ada-1")
    restore(dump)
    told = call_command("prepare", verbosity=0)
    assert "1 leads looked at, 1 erased again" in told
    assert not Lead.objects.exists()


def test_it_migrates_nothing_where_settings_contradict_each_other(settings):
    settings.HTTPS = settings.DEBUG = True
    with pytest.raises(SystemCheckError, match="DEBUG and HTTPS are both on"):
        call_command("prepare", verbosity=0)
