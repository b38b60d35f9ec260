"""JSON as it is written: string literals and what stands between, so that one can be exchanged alone.

Parsing and writing anew would change what nobody meant to change: blanks, escapes, large numbers, order.
"""

import json
import re
from functools import lru_cache
from typing import NamedTuple

# An unfinished literal matches to the end, so that no text is searched twice.
LITERAL = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*"?)', re.DOTALL)
OPENINGS = b'{["'
DIGIT = re.compile(rb"[0-9]")
CACHED = 64  # pieces of a layout that is remembered


class Layout(NamedTuple):
    """Which pieces name members, and which are strings or hold numbers, each with the key it belongs to."""

    keys: tuple[int, ...]
    strings: tuple[tuple[int, int], ...]  # place, place of its key or -1
    numbers: tuple[tuple[int, int], ...]


def pieces(raw: bytes) -> list[bytes] | None:
    """What stands between string literals (even places) and the literals (odd ones); None: no JSON."""
    if raw[:1] not in OPENINGS and raw.lstrip()[:1] not in OPENINGS:
        return None
    return LITERAL.split(raw)


def layout(found: list[bytes]) -> Layout | None:
    """How the pieces lie; None when they are no JSON."""
    between = tuple(found[::2])
    return _remembered(between) if len(between) < CACHED else _layout(between)


def _layout(between: tuple[bytes, ...]) -> Layout | None:
    if not _is_json(b'""'.join(between)):
        return None
    keys, strings, numbers, key = [], [], [], -1
    for number, piece in enumerate(between):
        if DIGIT.search(piece):
            numbers.append((2 * number, key))
        if number + 1 < len(between):
            at = 2 * number + 1
            if between[number + 1].lstrip()[:1] == b":":
                key = at
                keys.append(at)
            else:
                strings.append((at, key))
    return Layout(tuple(keys), tuple(strings), tuple(numbers))


_remembered = lru_cache(maxsize=4096)(_layout)


def _is_json(raw: bytes) -> bool:
    """Whether Python's parser takes it; NaN and numbers of any length, too."""
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


def decoded(literal: bytes) -> str | None:
    """The text of a literal; None when it is none."""
    if len(literal) < 2 or literal[-1:] != b'"':
        return None
    try:
        return str(json.loads(literal, strict=False)) if b"\\" in literal else literal[1:-1].decode()
    except ValueError:
        return None


def encoded(text: str, *, like: bytes) -> bytes:
    """The literal of a text; plain ASCII where the other was."""
    return json.dumps(text, ensure_ascii=like.isascii()).encode()
