"""The drill: back up, go on, break, restore. Counts are equal, and who was erased since stays away."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection

from customerops.embedded.paths import ROOT
from customerops.embedded.postgres import bin_dir
from customerops.tests.deploy.files import DEPLOY

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NAME = "drill"
ARRIVED = """
from customerops.tests.people import arrived
for name, full in (("ada", "Ada Quendahl"), ("ben", "Ben Otterbach"), ("cleo", "Cleo Marquard")):
    arrived(f"{name}-1", {"name": full, "email": f"{name}@example.org"})
"""
KEYS = {
    "CONTACT_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SUBJECT_KEYS": "s" * 50,
    "SECRET_KEY": "k" * 50,
}


@dataclass
class Installation:
    """A database of its own, with commands run as an operator runs them."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, status: int = 0, **changes: str) -> str:
        """What it printed; it has to end with `status`."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment | changes, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    def manage(self, *arguments: str, status: int = 0, **changes: str) -> str:
        return self.run(sys.executable, "manage.py", *arguments, status=status, **changes)

    def script(self, name: str, *arguments: str, status: int = 0, **changes: str) -> str:
        return self.run(str(DEPLOY / name), *arguments, status=status, **changes)

    def sql(self, command: str) -> str:
        tools = self.environment["IN_POSTGRES"].split()
        return self.run(*tools, "psql", "-AtXc", command).strip()

    def databases(self) -> list[str]:
        """Those of this drill."""
        names = self.sql("SELECT datname FROM pg_database ORDER BY 1").split()
        return [name for name in names if name.startswith(NAME)]

    def backup(self) -> Path:
        return Path(self.script("backup.sh", str(self.folder / "backups")).strip().splitlines()[-1])


@pytest.fixture(scope="module")
def installation(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Installation]:
    """Postgres's and Valkey's other corners, with three people in them."""
    folder = tmp_path_factory.mktemp("drill")
    with django_db_blocker.unblock():
        where = connection.get_connection_params()
    host = str(where["host"])
    tools = (
        f"env PATH={bin_dir()}:{os.environ['PATH']} PGHOST={host} PGUSER={where['user']} PGDATABASE={NAME}"
    )
    given = KEYS | {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": f"postgres://{where['user']}@{quote(host, safe='')}/{NAME}",
        "REDIS_URL": settings.REDIS_URL.replace("db=0", "db=7"),
        "IN_POSTGRES": tools,
        "MANAGE": f"{sys.executable} manage.py",
        "LOG_LEVEL": "ERROR",
    }
    found = Installation(folder, given)
    found.run(*tools.split(), "createdb", "--template", "template0", NAME)
    found.manage("migrate", "--verbosity", "0")
    found.manage("shell", "-c", ARRIVED)
    yield found
    for name in found.databases():
        found.run(*tools.split(), "dropdb", "--force", name)


@pytest.fixture(scope="module")
def kept(installation) -> Path:
    """A backup that no test changes."""
    return installation.backup()


def test_what_was_lost_comes_back_and_who_was_erased_does_not(installation):
    backup = installation.backup()
    assert sorted(path.name for path in backup.iterdir()) == [
        "SHA256SUMS",
        "contents.txt",
        "database.dump",
        "inventory.json",
    ]
    installation.manage("erase_subject", "--email", "ben@example.org", "--reason", "asked to")
    installation.script("backup.sh", str(installation.folder / "backups"), "--tombstones")
    installation.sql("DROP TABLE leads_lead CASCADE")
    # Worse: every copy of the tombstones that is not a backup is gone, too.
    (installation.folder / "var" / "privacy" / "tombstones.jsonl").unlink()
    installation.manage("shell", "-c", "from privacy import gravestones as g; g._client().flushdb()")

    told = installation.script("restore.sh", str(backup))
    assert "3 leads looked at, 1 erased again" in told
    assert "leads_lead: 3 then, 2 now" in told
    assert "ada@example.org" in installation.manage("export_subject", "--external-id", "ada-1")
    assert installation.sql("SELECT external_id FROM leads_lead ORDER BY 1").split() == ["ada-1", "cleo-1"]
    # his tombstones came back: an import of the same file brings him no more
    again = installation.manage(
        "inventory", "--compare", str(backup / "inventory.json"), status=1, SUBJECT_KEYS="other" * 20
    )
    assert "SUBJECT_KEYS lacks 1 of the 1 keys of that time" in again


def test_a_restore_brings_back_exactly_what_was_there(installation):
    backup = installation.backup()
    installation.sql("TRUNCATE modeling_prediction; UPDATE leads_lead SET source = 'broken'")
    installation.script("restore.sh", str(backup))
    assert (
        installation.manage("inventory", "--compare", str(backup / "inventory.json"), "--strict").strip()
        == "As many rows as then in every table."
    )
    assert installation.sql("SELECT count(*) FROM leads_lead WHERE source = 'broken'") == "0"
    assert [name for name in installation.databases() if name.startswith(f"{NAME}_before_")] != []


def test_neither_keys_nor_contacts_can_be_read_in_a_backup(kept):
    with (kept / "database.dump").open("rb") as dump:
        script = subprocess.run(
            [bin_dir() / "pg_restore", "--file", "-"], stdin=dump, capture_output=True, check=True
        ).stdout.decode()
    assert "ada-1" in script
    told = script + "".join(path.read_text() for path in kept.iterdir() if path.name != "database.dump")
    for secret in (*KEYS.values(), "ada@example.org", "Quendahl"):
        assert secret not in told
    assert {path.stat().st_mode & 0o077 for path in (kept, *kept.iterdir())} == {0}


def changed(backup: Path) -> None:
    with (backup / "database.dump").open("r+b") as dump:
        dump.seek(100)
        dump.write(b"x")


@pytest.mark.parametrize(
    ("harm", "changes", "says"),
    [
        (changed, {}, "is not as it was made: nothing was changed"),
        (
            lambda backup: None,
            {"CONTACT_ENCRYPTION_KEYS": Fernet.generate_key().decode()},
            "CONTACT_ENCRYPTION_KEYS lacks 1 of the 1 keys",
        ),
    ],
    ids=["a damaged dump", "other keys"],
)
def test_what_would_not_help_is_refused_before_anything_changes(
    installation, kept, tmp_path, harm, changes, says
):
    backup = shutil.copytree(kept, tmp_path / "backup")
    before = installation.databases()
    harm(backup)
    assert says in installation.script("restore.sh", str(backup), status=1, **changes)
    assert installation.databases() == before


def test_a_restore_below_running_programs_is_refused_and_changes_nothing(installation, kept):
    with psycopg.connect(installation.environment["DATABASE_URL"]):
        told = installation.script("restore.sh", str(kept), status=1)
    assert "stop the programs" in told
    assert installation.sql("SELECT count(*) FROM leads_lead") != "0"


def test_the_oldest_backups_go_and_what_is_half_made_never_counts(installation, tmp_path):
    for day in ("01", "02", "03"):
        (tmp_path / f"customerops-202601{day}T000000Z").mkdir()
    (tmp_path / "customerops-notes").mkdir()
    installation.script("backup.sh", str(tmp_path), "--keep", "2")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert len([name for name in left if name.startswith("customerops-2")]) == 2
    assert {"customerops-20260103T000000Z", "customerops-notes", "tombstones.jsonl"} < set(left)
    installation.script("backup.sh", str(tmp_path), status=1, IN_POSTGRES="false")
    assert sorted(path.name for path in tmp_path.iterdir()) == left


@pytest.mark.parametrize("arguments", [[], ["x", "--keep"], ["x", "--keep", "0"], ["x", "--other"]])
def test_whoever_calls_it_wrongly_is_shown_how(installation, arguments):
    assert "FOLDER [--keep NUMBER]" in installation.script("backup.sh", *arguments, status=2)
    assert "BACKUP [TOMBSTONES]" in installation.script("restore.sh", *arguments[:0], status=2)
