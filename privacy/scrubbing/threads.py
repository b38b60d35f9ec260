"""Numbers that somebody said in pieces: over turns that follow each other in a conversation."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import orjson

from privacy import splits
from privacy.context import Context
from privacy.redaction import Redaction, redact_thread
from privacy.scrubbing import jsontext

TEXT = b"text"
DIGIT = re.compile(r"\d")


class Said(NamedTuple):
    """One turn: its place in the list, who said it, and what."""

    place: int
    role: str
    text: str


def split_numbers(turns: Sequence[bytes], context: Context) -> dict[int, tuple[bytes, Redaction]]:
    """The turns, by place, that hold a piece of a number, with what stands instead of each."""
    found: dict[int, tuple[bytes, Redaction]] = {}
    for _, group in groupby(_said(turns), key=lambda said: said.role):
        said = list(group)
        if sum(DIGIT.search(one.text) is not None for one in said) < 2:
            continue
        texts = [one.text for one in said]
        if not any(splits.pieces(texts)):
            continue
        for one, redaction in zip(said, redact_thread(texts, contexts=[context] * len(texts)), strict=True):
            raw = _with_text(turns[one.place], redaction.text) if redaction.text != one.text else None
            if raw is not None:
                found[one.place] = (raw, redaction)
    return found


def _said(turns: Sequence[bytes]) -> Iterator[Said]:
    """What can be read as the text of a turn; what cannot ends a conversation."""
    for place, raw in enumerate(turns):
        try:
            document = orjson.loads(raw) if raw[:1] == b"{" else raw.decode()
        except ValueError:
            document = None
        if isinstance(document, str):
            yield Said(place, "", document)
        elif isinstance(document, dict) and isinstance(document.get("text"), str):
            yield Said(place, str(document.get("role", "")), document["text"])
        else:
            yield Said(place, f"unreadable {place}", "")


def _with_text(raw: bytes, text: str) -> bytes | None:
    """The turn with another text; None when it cannot be exchanged alone."""
    if raw[:1] != b"{":
        return text.encode()
    pieces = jsontext.pieces(raw) or []
    layout = jsontext.layout(pieces)
    wanted = {**orjson.loads(raw), "text": text}
    for at, key in layout.strings if layout else ():
        if key >= 0 and pieces[key] == TEXT:  # there may be others, deeper down
            changed = b'"'.join([*pieces[:at], jsontext.encoded(text, like=pieces[at]), *pieces[at + 1 :]])
            if orjson.loads(changed) == wanted:
                return changed
    return None
