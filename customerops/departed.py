"""What processes that are gone have counted, added up in one place, so that restarts pile up no files.

The sums are a folder made aside and renamed into place; it names the files that are in them. Whoever is
killed on the way leaves the old sums beside all files, or new sums beside files the next one takes away.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
from prometheus_client.mmap_dict import MmapedDict

from customerops.embedded.processes import is_gone

SUMMED = ("counter", "histogram", "summary")
SUMS = "departed."  # and a number: the highest counts
ADDED = "added"


def files(folder: Path) -> list[Path]:
    """The files with the sums so far; at most one of each kind."""
    newest = _newest(folder)
    return sorted(newest.glob("*.db")) if newest else []


def add_up(folder: Path) -> None:
    """Move what processes counted that are gone into the sums. Hold a lock that scrapes hold too."""
    newest = _newest(folder)
    _take_away_added(folder, newest)
    if gone := list(_of_the_gone(folder)):
        number = int(newest.suffix[1:]) + 1 if newest else 1
        _sum([*files(folder), *gone], gone, folder / "fresh").rename(folder / f"{SUMS}{number}")
        _take_away_added(folder, _newest(folder))


def _newest(folder: Path) -> Path | None:
    return max(folder.glob(f"{SUMS}*"), key=lambda path: int(path.suffix[1:]), default=None)


def _of_the_gone(folder: Path) -> Iterator[Path]:
    for path in folder.glob("*_*.db"):
        kind, _, pid = path.stem.partition("_")
        if kind in SUMMED and pid.isdecimal() and is_gone(int(pid)):
            yield path


def _sum(parts: Iterable[Path], added: Iterable[Path], into: Path) -> Path:
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    sums: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for path in parts:
        for key, value, *_ in _values(path):
            sums[path.stem.partition("_")[0]][key] += value
    for kind, values in sums.items():
        stored = MmapedDict(str(into / f"{kind}_departed.db"))  # type: ignore[no-untyped-call]
        for key, value in values.items():
            stored.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]
        stored.close()  # type: ignore[no-untyped-call]
    # With the inode: should we be killed now, a new process may have the number when the next one looks.
    into.joinpath(ADDED).write_bytes(orjson.dumps([(path.name, path.stat().st_ino) for path in added]))
    return into


def _values(path: Path) -> Iterable[tuple[str, float, float, int]]:
    # One that was killed while it made its file has counted nothing.
    return MmapedDict.read_all_values_from_file(str(path)) if path.stat().st_size else ()  # type: ignore[no-untyped-call]


def _take_away_added(folder: Path, newest: Path | None) -> None:
    if newest is None or not (told := newest / ADDED).exists():
        return
    for name, inode in orjson.loads(told.read_bytes()):
        path = folder / name
        if path.exists() and path.stat().st_ino == inode:
            path.unlink()
    for older in folder.glob(f"{SUMS}*"):
        if older != newest:
            shutil.rmtree(older)
    told.unlink()  # last: inodes are given out again
