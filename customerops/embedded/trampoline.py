"""Runs a server as somebody Postgres accepts: `python -S -E trampoline.py COMMAND …`.

As root: a user namespace in which root is `nobody` (no account is made, no file changes hands), else setuid.
With DEATH_SIGNAL set, the kernel sends that signal when the parent dies, so a killed supervisor leaves nothing.
"""

import ctypes
import os
import pwd
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def drop_root(libc: ctypes.CDLL) -> None:
    """Leave uid 0, by namespace when the kernel allows it."""
    if libc.unshare(CLONE_NEWUSER) == 0:
        for name, text in (("setgroups", "deny"), ("uid_map", "65534 0 1"), ("gid_map", "65534 0 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        return
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def main() -> None:
    """Change who we are, then become the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0 and hasattr(libc, "unshare"):
        drop_root(libc)
    signal = os.environ.pop("DEATH_SIGNAL", None)
    if signal and hasattr(libc, "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, int(signal))
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
