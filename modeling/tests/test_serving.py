"""Every process follows the ledger, and nothing that fails takes a version away."""

import time

import pytest
from django.db import connection

from modeling import fleet, lastgood, registry, serving
from modeling.models import Deployment, ModelVersion, ServingProcess
from modeling.tests import processes
from modeling.tests.cast import TRAINED_AT, archived, promoted, the

NOBODY = "unix:///nowhere/valkey.sock?db=0"


@pytest.fixture
def _nothing_loaded(monkeypatch):
    monkeypatch.setattr(serving, "_serving", serving.Serving(role="none"))


def broken_champion() -> Deployment:
    """A row whose bytes do not fit their digest: a damaged disk, or somebody with a SQL prompt."""
    row = ModelVersion.objects.create(
        version=9,
        artifact=b"{}",
        sha256="0" * 64,
        trained_at=TRAINED_AT,
        n_train=1,
        verdict="promote",
        origin="x",
    )
    return registry.force(version=row.version, actor="mallory", reason="let us see")


def all_follow(deployment: Deployment, *, processes: int, seconds: float) -> bool:
    """Whether that many processes live and serve what was deployed, before the time is over."""
    deadline = time.monotonic() + seconds
    wanted = fleet.Fleet(total=processes, on_version=processes)
    while fleet.count(deployment.version_id) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return fleet.count(deployment.version_id) == wanted


@pytest.mark.django_db
@pytest.mark.usefixtures("_nothing_loaded")
class TestOneProcess:
    def test_it_serves_nothing_before_the_first_promotion(self):
        archived()
        assert serving.refresh() is None
        assert serving.current() is None

    def test_it_serves_the_champion_under_the_registrys_number(self):
        deployment = promoted()
        loaded = the(serving.refresh())
        assert loaded.version == loaded.scorecard.version == deployment.version_id
        assert serving.current() is loaded

    def test_it_loads_a_version_once(self):
        promoted()
        assert serving.refresh() is serving.refresh()

    def test_it_goes_back_on_a_rollback(self):
        first = promoted(base=0.1)
        promoted(base=0.2)
        serving.refresh()
        registry.roll_back(actor="ada", reason="wrong")
        assert the(serving.refresh()).version == first.version_id

    def test_it_keeps_what_serves_when_the_new_version_does_not_load(self):
        good = promoted()
        serving.refresh()
        broken_champion()
        assert the(serving.refresh()).version == good.version_id
        assert the(serving.refresh()).version == good.version_id

    def test_it_follows_again_after_a_version_that_did_not_load(self):
        promoted(base=0.1)
        serving.refresh()
        broken_champion()
        serving.refresh()
        repaired = promoted(base=0.2)
        assert the(serving.refresh()).version == repaired.version_id

    def test_it_keeps_the_last_good_version_on_disk(self):
        deployment = promoted()
        serving.refresh()
        assert the(lastgood.read()).version == deployment.version_id


@pytest.mark.django_db(transaction=True)
class TestManyProcesses:
    @pytest.mark.parametrize("redis", ["up", "down"])
    def test_each_follows_a_promotion_and_a_rollback_within_three_seconds(self, redis):
        first = promoted(base=0.1)
        changes = {} if redis == "up" else {"REDIS_URL": NOBODY}
        with processes.serving_processes(3, then=processes.FORK, **changes):
            assert all_follow(first, processes=6, seconds=10)
            second = promoted(base=0.2)
            assert all_follow(second, processes=6, seconds=3)
            registry.roll_back(actor="ada", reason="wrong")
            assert all_follow(first, processes=6, seconds=3)

    def test_the_first_request_finds_a_version(self):
        version = promoted().version_id
        with processes.running(processes.SERVE.format(then="")) as process:
            assert processes.first_words(process) == str(version)

    def test_a_process_that_ends_leaves_the_fleet(self):
        promoted()
        with processes.serving_processes(1) as (process,):
            assert fleet.wait_for(None, seconds=0).total == 1
            process.communicate("end\n", timeout=10)
        assert ServingProcess.objects.count() == 0

    def test_a_process_that_was_killed_is_not_counted_for_long(self, monkeypatch):
        promoted()
        with processes.serving_processes(1) as (process,):
            process.kill()
            process.wait()
        assert fleet.count(None).total == 1
        monkeypatch.setattr(fleet, "DEAD_AFTER", fleet.DEAD_AFTER * 0)
        time.sleep(0.01)
        assert fleet.count(None).total == 0

    def test_it_comes_back_when_postgres_cut_every_connection(self):
        promoted(base=0.1)
        with processes.serving_processes(2):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            second = promoted(base=0.2)
            assert all_follow(second, processes=2, seconds=3)

    def test_a_cold_start_without_postgres_serves_the_last_good_version(self):
        version = promoted().version_id
        with processes.serving_processes(1):
            pass
        nowhere = "postgres://app@%2Fnowhere/app"
        with processes.running(processes.SERVE.format(then=""), DATABASE_URL=nowhere) as process:
            assert processes.first_words(process) == str(version)
