"""As whom the embedded servers run. Postgres refuses root, so root becomes somebody else for it.

Whoever owns the data, when that is not root. Else root itself, seen as `nobody` inside a user namespace: no
account is made and no file changes hands. Where namespaces are forbidden, as in most containers, the account
`nobody`, which is given the data.
"""

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from customerops.embedded.paths import var_dir

TRAMPOLINE = Path(__file__).with_name("trampoline.py")


class ServerDidNotStart(Exception):
    """An embedded server did not come up; the message says why, or names its log."""


@dataclass(frozen=True)
class Runner:
    """An account, and the trampoline's options to become it."""

    uid: int
    gid: int
    options: tuple[str, ...] = ()


def runner() -> Runner:
    """Who runs the servers below VAR_DIR."""
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0:
        return Runner(uid, gid)
    data = var_dir() / "postgres"
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return _account(owner.st_uid, owner.st_gid)
    if namespaces_work():
        return Runner(uid, gid, ("--namespace",))
    nobody = pwd.getpwnam("nobody")
    return _account(nobody.pw_uid, nobody.pw_gid)


def own(folder: Path) -> None:
    """Make `folder` if need be, and see that it belongs to the runner with all that is in it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    us, owner = runner(), folder.stat().st_uid
    if owner == us.uid:
        return
    if os.geteuid() != 0 or owner not in (0, us.uid):
        raise ServerDidNotStart(
            f"{folder} belongs to {name_of(owner)}: start as that account, or set VAR_DIR to another folder"
        )
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, us.uid, us.gid, follow_symlinks=False)


def refuse_closed(*paths: Path) -> None:
    """Raise ServerDidNotStart when the runner cannot get to one of `paths`: it is not root any more."""
    us = runner()
    if us.uid == os.geteuid():
        return
    for path in paths:
        for folder in reversed(path.parents):
            if not _may_enter(us, folder):
                raise ServerDidNotStart(
                    f"Postgres refuses root and must run as {name_of(us.uid)}, who may not enter {folder}: "
                    "keep the checkout and VAR_DIR elsewhere, start as another user, or set DATABASE_URL"
                )


@cache
def namespaces_work() -> bool:
    """Whether root may hide in a user namespace here."""
    probe = [sys.executable, "-S", "-E", str(TRAMPOLINE), "--namespace", sys.executable, "-S", "-E", "-c", ""]
    return subprocess.run(probe, cwd="/", capture_output=True, check=False).returncode == 0


def name_of(uid: int) -> str:
    """The account's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the account {uid}"


def _account(uid: int, gid: int) -> Runner:
    return Runner(uid, gid, ("--become", f"{uid}:{gid}"))


def _may_enter(us: Runner, folder: Path) -> bool:
    status = folder.stat()
    if status.st_uid == us.uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == us.gid else 0o001))
