"""Becomes a command after small changes to itself: `python -S -E trampoline.py [options] COMMAND …`.

`--drop-root`: Postgres refuses root, so root becomes `nobody` in a user namespace of its own (no account
is made, no file changes hands), else by setuid.
`--death-signal N --parent PID`: the kernel sends N when the parent dies.
"""

import argparse
import ctypes
import os
import pwd

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def drop_root(libc: ctypes.CDLL) -> None:
    """Leave uid 0, by namespace when the kernel allows it."""
    if hasattr(libc, "unshare") and libc.unshare(CLONE_NEWUSER) == 0:
        for name, text in (("setgroups", "deny"), ("uid_map", "65534 0 1"), ("gid_map", "65534 0 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        return
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def die_with(parent: int, signal: int, libc: ctypes.CDLL) -> None:
    """Ask for a signal at the parent's death; the parent may already be dead when we get here."""
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, signal)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal)


def main() -> None:
    """Change who we are, then become the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--drop-root", action="store_true")
    parser.add_argument("--death-signal", type=int, default=0)
    parser.add_argument("--parent", type=int, default=0)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    libc = ctypes.CDLL(None, use_errno=True)
    if options.drop_root and os.geteuid() == 0:
        drop_root(libc)
    if options.death_signal:  # after the change of credentials, which would clear it
        die_with(options.parent, options.death_signal, libc)
    os.execv(options.command[0], options.command)


if __name__ == "__main__":
    main()
