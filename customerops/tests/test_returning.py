"""A restored backup brings erased people back; the copies of the tombstones send them away again."""

import os
import subprocess

import orjson
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils.timezone import now

from customerops import returning, tasks
from customerops.embedded.postgres import bin_dir
from customerops.tests.people import ADA, BEN, LONG_AGO, arrived, erased, traces, with_traces
from leads.models import Lead, Outcome
from privacy import digests, gravestones, holds, memory, tombstones
from privacy.models import Erasure, Tombstone

# Those of leads and of erasures: a backup that was made before has neither the receipt nor the tombstones.
TABLES = ["leads_lead", "leads_outcome", "leads_message", "modeling_prediction", "privacy_erasure"]
TABLES += ["privacy_tombstone", "privacy_legalhold", "privacy_forgetting", "django_admin_log"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_copies(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    forget_redis()
    yield
    forget_redis()


def forget_redis() -> None:
    gravestones._client().delete(gravestones.KEY)


def postgres(tool: str, *flags: str, **streams) -> bytes:
    wanted = connection.get_connection_params()
    where = {"PGHOST": wanted["host"], "PGDATABASE": wanted["dbname"], "PGUSER": wanted["user"]}
    command = [bin_dir() / tool, *flags]
    done = subprocess.run(command, env=os.environ | where, check=True, capture_output=True, **streams)
    return bytes(done.stdout)


def backup() -> bytes:
    chosen = [flag for table in TABLES for flag in ("--table", table)]
    return postgres("pg_dump", "--data-only", "--disable-triggers", *chosen)


def restore(dump: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    postgres("psql", "--quiet", "--set", "ON_ERROR_STOP=1", input=dump)


def again(**flags) -> returning.Returns:
    return returning.erase_again(actor="nightly task", now=now(), **flags)


@pytest.mark.parametrize("lost", ["nothing", "the file", "what Redis had"])
def test_whoever_was_erased_after_the_backup_is_erased_again(lost):
    with_traces(arrived()), with_traces(arrived("ben-1", BEN))
    dump = backup()
    first = erased(external_id="ada-1").receipt
    if lost == "the file":
        gravestones.file().unlink()
    elif lost == "what Redis had":
        forget_redis()

    restore(dump)
    assert Lead.objects.count() == 2
    assert not Tombstone.objects.exists()
    found = again()
    assert (found.brought_back, found.looked_at, found.erased) == (4, 2, 1)
    assert [lead.external_id for lead in Lead.objects.all()] == ["ben-1"]
    assert traces("ada-1") == []
    receipt = Erasure.objects.get()
    assert (receipt.trigger, receipt.rows["leads_outcome"]) == ("again", 1)
    assert receipt.pk != first.pk
    assert (again().erased, again().brought_back) == (0, 0)


def test_by_e_mail_only_what_is_older_than_the_erasure_goes():
    arrived()
    dump = backup()
    erased(email=ADA["email"])
    restore(dump)
    Lead.objects.update(external_id=None)
    tombstones.bring_back(gravestones.remembered())
    Tombstone.objects.filter(name="lead").delete()
    later = arrived("ada-2", ADA, created_at=now())
    assert again().erased == 1
    assert Lead.objects.get() == later
    assert again().erased == 0  # the second receipt did not move the moment


def test_a_held_lead_that_came_back_is_kept_and_told():
    lead = arrived()
    dump = backup()
    erased(external_id="ada-1")
    restore(dump)
    holds.place(leads=lambda: [lead.pk], reason="a claim", actor="counsel", now=now())
    assert again().sentences()[-1] == "1 came back and were kept: a legal hold stands in the way."
    holds.lift(leads=[lead.pk], actor="counsel", now=now())
    assert tasks.erase_again() == 1


def test_a_start_looks_at_leads_only_after_a_restore():
    with_traces(arrived())
    dump = backup()
    erased(external_id="ada-1")
    assert again(only_restored=True).looked_at == 0
    restore(dump)
    assert again(only_restored=True).erased == 1


def test_the_command_tells_what_it_did():
    arrived()
    dump = backup()
    erased(external_id="ada-1")
    restore(dump)
    told = call_command("erase_again")
    assert told.splitlines()[1].startswith("1 leads looked at, 1 erased again;")


def test_copies_that_are_missing_are_made(settings):
    url = settings.REDIS_URL
    settings.REDIS_URL = "unix:///nowhere.sock"
    arrived()
    erased(external_id="ada-1")  # Redis gets nothing
    settings.REDIS_URL = url
    gravestones.file().unlink()
    assert again().copied == 4
    assert len(gravestones.remembered()) == 8  # each in both
    assert again().copied == 0


def test_windows_that_a_restored_redis_brought_back_are_forgotten():
    lead, staying = with_traces(arrived()), with_traces(arrived("ben-1", BEN))
    store = memory._store()
    kept = store.dump(memory.key_of(lead.pk))
    erased(external_id="ada-1")
    store.delete(memory._gone(lead.pk))
    store.restore(memory.key_of(lead.pk), 0, kept)
    store.set("mem:something-else", b"")
    assert again().windows == 1
    assert memory.remembered() == [staying.pk]
    store.delete("mem:something-else")


def test_copies_hold_digests_alone():
    lead = arrived()
    erased(external_id="ada-1")
    hashed = gravestones._client().hgetall(gravestones.KEY)
    texts = gravestones.file().read_text() + str(hashed)
    for word in (*ADA.values(), "ada-1", str(lead.pk)):
        assert word not in texts


def test_a_stone_that_nobody_signed_erases_nobody(caplog):
    lead = arrived("ben-1", BEN)
    forged = {
        "name": "email",
        "digest": lead.email_digest,
        "erased_at": now(),
        "erasure": lead.pk,
        "seal": "00",
    }
    gravestones.file().parent.mkdir()
    gravestones.file().write_bytes(orjson.dumps(forged | {"seal": "00"}) + b'\n{"cut off\n\n[]\n')
    assert again().erased == 0
    assert "tombstone_copies_damaged" in caplog.text
    assert Lead.objects.exists()


def test_a_line_that_was_cut_off_spoils_no_other():
    arrived(), arrived("ben-1", BEN)
    erased(external_id="ada-1")
    with gravestones.file().open("ab") as stream:
        stream.write(b'{"name": "lead", "dig')
    erased(external_id="ben-1")
    forget_redis()
    assert len(gravestones.remembered()) == 8


def test_old_stones_do_not_replace_newer_ones():
    arrived(created_at=LONG_AGO)
    erased(external_id="ada-1")
    stones = gravestones.remembered()
    moved = now()
    Tombstone.objects.update(erased_at=moved)
    assert tombstones.bring_back(stones) == 0
    assert set(Tombstone.objects.values_list("erased_at", flat=True)) == {moved}
    assert digests.digest(digests.Name.EMAIL, ADA["email"]) in {stone.digest for stone in stones}


def test_a_look_at_all_leads_needs_few_queries(django_assert_max_num_queries):
    arrived()
    erased(external_id="ada-1")
    Lead.objects.bulk_create(Lead(external_id=f"x{number}") for number in range(300))
    with django_assert_max_num_queries(8):
        assert again().looked_at == 300
    assert not Outcome.objects.exists()
