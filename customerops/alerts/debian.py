"""Programs out of Debian's packages: found on this machine, or unpacked below var/tools.

Nothing is installed and root is not needed: apt downloads the package, which is unpacked aside.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from customerops.embedded.paths import ROOT

TOOLS = ROOT / "var" / "tools"
DOWNLOAD_SECONDS = 120


class ToolMissing(Exception):
    """The tool is not here and cannot be had; the message says what was tried."""


def program(name: str, *, package: str, folder: str | None = None, variable: str = "") -> Path:
    """`name` from `folder`, which `variable` names, from PATH, or Debian's package. Raises ToolMissing."""
    on_path = shutil.which(name)
    places = [Path(folder) / name] if folder else []
    places += [Path(on_path)] if on_path else []
    places += [TOOLS / package / "usr" / below / name for below in ("bin", "sbin")]
    found = _first(places)
    if found is None:
        try:
            _unpack(package)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise ToolMissing(_missing(name, package, variable, error)) from error
        found = _first(places)
    if found is None:
        raise ToolMissing(f"Debian's package {package} holds no {name}")
    return found


def _first(places: Sequence[Path]) -> Path | None:
    return next((place for place in places if place.is_file()), None)


def _missing(name: str, package: str, variable: str, error: Exception) -> str:
    searched = f"neither on PATH nor in {variable}" if variable else "not on PATH"
    why = " ".join((getattr(error, "stderr", "") or str(error)).split())[:200]
    return f"{name} is {searched}, and Debian's package {package} cannot be had ({why})"


def _unpack(package: str) -> None:
    """Download and unpack aside, then rename: two who do it at once get one whole folder."""
    folder = TOOLS / package
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS, prefix="aside-") as aside:
        archive = _downloaded(package, Path(aside))
        _run("dpkg-deb", "-x", archive.name, "unpacked", folder=Path(aside))
        try:
            Path(aside, "unpacked").rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _downloaded(package: str, folder: Path) -> Path:
    """By the machine's lists of packages or, where it has none, by lists of our own."""
    try:
        _run("apt-get", "download", package, folder=folder)
    except subprocess.CalledProcessError:
        lists, cache = folder / "lists", folder / "cache"
        for made in (lists / "partial", cache / "archives" / "partial"):
            made.mkdir(parents=True)
        places = [f"-oDir::State::lists={lists}", f"-oDir::Cache={cache}"]
        ours = [*places, "-oDebug::NoLocking=1", "-oAPT::Sandbox::User="]
        _run("apt-get", *ours, "update", folder=folder)
        _run("apt-get", *ours, "download", package, folder=folder)
    [archive] = folder.glob(f"{package}_*.deb")
    return archive


def _run(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS)
