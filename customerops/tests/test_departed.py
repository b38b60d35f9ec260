"""Sums of processes that are gone: nothing is lost or counted twice, whoever is killed when."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from customerops import departed
from customerops.tests.test_metrics import counting, kill, scraped

COUNTED_BY_ONE = 7


def killed(folder: Path, number: int) -> None:
    """So many processes that counted and are gone."""
    processes = [counting(folder) for _ in range(number)]
    for process in processes:
        kill(process)


def test_restarts_pile_up_no_files(tmp_path):
    for round_ in (1, 2, 3):
        killed(tmp_path, 2)
        found = scraped(tmp_path)
        assert found["seen_total"] == [COUNTED_BY_ONE * 2 * round_]
        assert found["took_bucket"] == [0, 2 * round_, 2 * round_]
        assert found["took_sum"] == [1.5 * 2 * round_]
        names = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
        sums = f"departed.{round_}"
        assert names == [
            sums, f"{sums}/counter_departed.db", f"{sums}/histogram_departed.db", "lock",
        ]  # fmt: skip


class Killed(BaseException):
    """Ends an adding up on the way, as kill -9 does."""


def killed_adding_up(folder: Path, monkeypatch: pytest.MonkeyPatch, *, at: str) -> None:
    """Somebody came as far as `at`."""

    def die(path: Path, *ignored: object, **more: object) -> None:
        if path.exists() or at == "mkdir":
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(*((shutil, "rmtree", die) if at == "rmtree" else (Path, at, die)))
        with pytest.raises(Killed):
            departed.add_up(folder)


@pytest.mark.parametrize("step", ["mkdir", "rename", "unlink", "rmtree"])
def test_who_is_killed_while_adding_up_loses_and_doubles_nothing(tmp_path, monkeypatch, step):
    killed(tmp_path, 1)
    scraped(tmp_path)
    killed(tmp_path, 2)
    killed_adding_up(tmp_path, monkeypatch, at=step)
    for _ in range(2):
        assert scraped(tmp_path)["seen_total"] == [COUNTED_BY_ONE * 3]
        assert len(list(tmp_path.rglob("counter_*.db"))) == 1


def test_a_new_process_with_an_old_number_keeps_its_file(tmp_path, monkeypatch):
    killed(tmp_path, 1)
    [file] = tmp_path.glob("counter_*.db")
    killed_adding_up(tmp_path, monkeypatch, at="unlink")
    (tmp_path / "another").write_bytes(file.read_bytes())
    (tmp_path / "another").rename(file)
    assert scraped(tmp_path)["seen_total"] == [COUNTED_BY_ONE * 2]


def test_scrapes_at_the_same_time_all_see_the_same(tmp_path):
    killed(tmp_path, 6)
    with ThreadPoolExecutor(6) as scrapers:
        seen = list(scrapers.map(lambda _: scraped(tmp_path)["seen_total"], range(18)))
    assert seen == [[COUNTED_BY_ONE * 6]] * 18
