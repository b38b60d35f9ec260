"""JSON as it is written: strings and what stands between them, so that one can be exchanged alone.

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
CACHED = 500  # bytes beside the strings of what is remembered


class Layout(NamedTuple):
    """Which pieces name members, and which are strings or hold numbers, each with the key it belongs to."""

    keys: tuple[int, ...]
    strings: tuple[tuple[int, int], ...]  # place, place of its key or -1
    numbers: tuple[tuple[int, int], ...]


def pieces(raw: bytes) -> list[bytes] | None:
    """What stands between strings (even places) and in them (odd ones), as it is written; None: no JSON.

    `b'"'.join(pieces(raw)) == raw`.
    """
    if raw[:1] not in OPENINGS and raw.lstrip()[:1] not in OPENINGS:
        return None
    if b"\\" not in raw:
        found = raw.split(b'"')
        return found if len(found) & 1 else None
    found = LITERAL.split(raw)
    for at in range(1, len(found), 2):
        literal = found[at]
        if len(literal) < 2 or literal[-1:] != b'"':
            return None
        found[at] = literal[1:-1]
    return found


def layout(found: list[bytes]) -> Layout | None:
    """How the pieces lie; None when they are no JSON."""
    skeleton = b'""'.join(found[::2])
    return _remembered(skeleton) if len(skeleton) < CACHED else _layout(skeleton)


def _layout(skeleton: bytes) -> Layout | None:
    if not _is_json(skeleton):
        return None
    between = skeleton.split(b'""')
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


def decoded(written: bytes) -> str | None:
    """The text of a string as it is written; None when it is none."""
    try:
        return str(json.loads(b'"%b"' % written, strict=False)) if b"\\" in written else written.decode()
    except ValueError:
        return None


def encoded(text: str, *, like: bytes) -> bytes:
    """A text as it is written in a string; plain ASCII where the other was."""
    return json.dumps(text, ensure_ascii=like.isascii()).encode()[1:-1]
