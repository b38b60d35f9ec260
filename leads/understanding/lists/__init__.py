"""Word lists and phrases, as TOML beside this file."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

PIECE = re.compile(r"<([A-Z_]+)>")


@cache
def listed(name: str) -> dict[str, Any]:
    """What a file says."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def words(name: str, key: str) -> frozenset[str]:
    """A list of words."""
    return frozenset(listed(name)[key].split())


def patterns(name: str, key: str) -> tuple[re.Pattern[str], ...]:
    """A list of patterns, their pieces put in."""
    pieces: dict[str, str] = listed(name)["pieces"]

    def put_in(pattern: str) -> str:
        return PIECE.sub(lambda found: put_in(pieces[found[1]]), pattern)

    return tuple(re.compile(put_in(pattern)) for pattern in listed(name)[key])
