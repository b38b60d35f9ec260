"""`manage.py scrub_history`: exit codes, going on after a kill, certificates, one run at a time."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connections

from leads.models import Lead, Outcome
from modeling.tests.processes import ROOT, environment
from privacy import tasks
from privacy.kinds import DETECTOR_VERSION
from privacy.models import ScrubProgress, ScrubRun
from privacy.scrubbing import certificates, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey_server")]
SSN, SAFE = "my ssn is 536-90-4399", "my ssn is [NATIONAL_ID]"


def scrub(**options: Any) -> str:
    """What the command says."""
    return str(call_command("scrub_history", verbosity=0, stdout=StringIO(), **{"processes": 1, **options}))


def last() -> ScrubRun:
    """The newest certificate."""
    return ScrubRun.objects.latest("pk")


def test_it_scrubs_redis_and_postgres_and_signs_what_it_did(store):
    store.rpush("mem:a", "hello", SSN)
    store.set("other", SSN)
    Outcome.objects.create(lead=Lead.objects.create(), state="booked", note=SSN)
    said = scrub()
    assert (store.lrange("mem:a", 0, -1), store.get("other")) == (["hello", SAFE], SSN)
    assert Outcome.objects.get().note == SAFE
    run = last()
    assert (run.keys_scanned, run.values_scanned, run.values_changed, run.kinds) == (
        1,
        5,  # two turns, a note, and the lead's source and attributes
        2,
        {"NATIONAL_ID": 2},
    )
    assert (run.stores, run.pattern, run.dry_run, run.unscrubbable) == ("redis, postgres", "mem:*", False, 0)
    assert certificates.holds(run)
    assert "536" not in said
    assert "NATIONAL_ID  ###-##-####" in said
    assert not ScrubProgress.objects.exists()


def test_a_second_run_changes_nothing(store):
    store.rpush("mem:a", "hello", SSN)
    scrub()
    scrub()
    assert last().values_changed == 0


def test_a_dry_run_tells_the_same_and_changes_nothing(store):
    store.set("mem:a", SSN)
    dumped = store.get("mem:a")
    assert "Dry run: nothing was changed." in scrub(dry_run=True)
    assert store.get("mem:a") == dumped
    assert (last().values_changed, last().dry_run) == (1, True)


def test_it_takes_one_store_alone(store):
    store.set("mem:a", SSN)
    outcome = Outcome.objects.create(lead=Lead.objects.create(), state="booked", note=SSN)
    scrub(only="postgres")
    outcome.refresh_from_db()
    assert (store.get("mem:a"), outcome.note) == (SSN, SAFE)
    outcome.note = SSN
    outcome.save()
    scrub(only="redis")
    outcome.refresh_from_db()
    assert (store.get("mem:a"), outcome.note) == (SAFE, SSN)


def test_it_takes_another_database_when_asked(store):
    other = redis.Redis.from_url(django_settings.REDIS_URL, decode_responses=True)
    other.connection_pool.connection_kwargs["db"] = 7
    other.set("mem:a", SSN)
    scrub(database=7, only="redis")
    assert other.getdel("mem:a") == SAFE


def test_what_could_not_be_scrubbed_ends_with_3(store):
    store.set("mem:a", b"\xff\xfe")
    with pytest.raises(CommandError) as failed:
        scrub()
    assert failed.value.returncode == 3
    assert last().unscrubbable == 1


def test_a_detector_that_fails_on_everything_is_stopped(store, monkeypatch):
    def broken(text):
        raise ValueError(text)

    store.mset({f"mem:{number}": SSN for number in range(6000)})
    monkeypatch.setattr("privacy.redaction.normalise", broken)
    with pytest.raises(CommandError, match="withheld: is the detector well"):
        scrub()
    assert list(map(store.get, store.scan_iter("mem:*"))).count(SSN) > 500


@pytest.mark.parametrize("pattern", ["", "x" * 1001])
def test_a_wrong_pattern_is_refused(pattern):
    with pytest.raises(CommandError, match="pattern"):
        scrub(pattern=pattern)


def test_a_pattern_that_meets_nothing_says_so(store):
    store.set("mem:a", SSN)
    assert "No key matches meme:*." in scrub(pattern="meme:*")
    assert last().keys_scanned == 0


def test_redis_that_is_away_is_told_and_can_be_resumed(settings, store):
    store.set("mem:a", SSN)
    url, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    with pytest.raises(CommandError, match="--resume"):
        scrub()
    assert not ScrubRun.objects.exists()
    settings.REDIS_URL = url
    scrub(resume=True)
    assert (store.get("mem:a"), last().resumed) == (SAFE, 1)


def test_nothing_to_resume_is_no_fault(store):
    assert scrub(resume=True) == "No interrupted run: nothing to resume."
    assert not ScrubRun.objects.exists()


def test_a_scrub_is_resumed_as_it_was_asked_for(store):
    ScrubProgress.objects.create(
        actor="ada", pattern="mem:*", stores="redis", dry_run=True, detector_version=DETECTOR_VERSION
    )
    with pytest.raises(CommandError, match="interrupted run was of mem"):
        scrub(resume=True, pattern="x:*")
    store.set("mem:a", SSN)
    scrub(resume=True)
    assert store.get("mem:a") == SSN
    assert (last().actor, last().dry_run, last().stores) == ("ada", True, "redis")


def test_a_cursor_of_a_server_that_is_gone_is_not_believed(store):
    for number in range(50):
        store.set(f"mem:{number}", SSN)
    ScrubProgress.objects.create(
        actor="ada",
        pattern="mem:*",
        stores="redis",
        dry_run=False,
        detector_version=DETECTOR_VERSION,
        cursor="63",
        server="another one",
    )
    scrub(resume=True)
    assert {store.get(key) for key in store.scan_iter("mem:*")} == {SAFE}


def test_what_an_older_detector_began_begins_again(store):
    store.set("mem:a", SSN)
    ScrubProgress.objects.create(
        actor="ada", pattern="mem:*", stores="redis", dry_run=False, detector_version=0, cursor=""
    )
    scrub(resume=True)
    assert store.get("mem:a") == SAFE
    assert last().detector_version == DETECTOR_VERSION


def test_two_never_run_at_once(store):
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [running.LOCK])
        with pytest.raises(CommandError, match="under way"):
            scrub()
        assert tasks.scrub_history() is None
    finally:
        other.close()
    scrub()


def test_the_nightly_task_goes_on_where_it_was_interrupted(store):
    store.set("mem:a", SSN)
    ScrubProgress.objects.create(
        actor="schedule", pattern="mem:*", stores="redis, postgres", dry_run=False,
        detector_version=DETECTOR_VERSION,
    )  # fmt: skip
    assert tasks.scrub_history() == last().pk
    assert (store.get("mem:a"), last().actor, last().resumed) == (SAFE, "schedule", 1)


def test_a_certificate_that_is_not_there_is_told():
    with pytest.raises(CommandError, match="no scrub 99"):
        scrub(verify=99)


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_after_it_was_killed(store):
    keys = 40_000
    pipeline = store.pipeline(transaction=False)
    for number in range(keys):
        pipeline.set(f"mem:{number}", f"{SSN} and mail a{number}@example.org")
    pipeline.execute()
    command = [
        sys.executable,
        "-W",
        "ignore",
        "manage.py",
        "scrub_history",
        "--only",
        "redis",
        "--processes",
        "2",
    ]
    first = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    _wait(lambda: ScrubProgress.objects.exclude(cursor="0").exists())
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert not ScrubRun.objects.exists()
    done = sum(SSN not in said for said in _texts(store))
    assert 0 < done < keys
    _wait(lambda: not _group(first.pid))  # its children end by themselves
    left = keys - sum(SSN not in said for said in _texts(store))
    again = subprocess.run(
        [*command, "--resume"], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr[-2000:]
    assert not [said for said in _texts(store) if SSN in said or "@" in said]
    run = last()
    assert run.resumed == 1
    assert left <= run.values_changed <= keys
    assert run.keys_scanned >= keys
    assert certificates.holds(run)


def _texts(store: redis.Redis) -> list[str]:
    return [str(said or "") for said in store.mget(list(store.scan_iter("mem:*", count=5000)))]


def _wait(holds: Any) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def _group(leader: int) -> bool:
    """Whether a process of this group is alive."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True
