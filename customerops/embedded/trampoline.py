"""Becomes a command after small changes to itself: `python -S -E trampoline.py [options] COMMAND …`.

`--namespace`: root becomes `nobody` in a user namespace of its own.
`--become UID:GID`: root becomes an account.
`--death-signal N --parent PID`: the kernel sends N when the parent dies.
"""

import argparse
import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def enter_namespace(libc: ctypes.CDLL) -> None:
    """Leave uid 0 for as far as Postgres can see; files stay root's own."""
    if not hasattr(libc, "unshare") or libc.unshare(CLONE_NEWUSER) != 0:
        sys.exit("user namespaces are not allowed here")
    for name, text in (("setgroups", "deny"), ("uid_map", "65534 0 1"), ("gid_map", "65534 0 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def become(account: str) -> None:
    """Leave uid 0 for good."""
    uid, gid = map(int, account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, signal: int, libc: ctypes.CDLL) -> None:
    """Ask for a signal at the parent's death; the parent may already be dead when we get here."""
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, signal)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal)


def main() -> None:
    """Change who we are, then become the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--namespace", action="store_true")
    parser.add_argument("--become", metavar="UID:GID")
    parser.add_argument("--death-signal", type=int, default=0)
    parser.add_argument("--parent", type=int, default=0)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    libc = ctypes.CDLL(None, use_errno=True)
    if options.namespace:
        enter_namespace(libc)
    if options.become:
        become(options.become)
    if options.death_signal:  # after the change of credentials, which would clear it
        die_with(options.parent, options.death_signal, libc)
    try:
        os.execv(options.command[0], options.command)
    except OSError as error:
        sys.exit(f"{options.command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
