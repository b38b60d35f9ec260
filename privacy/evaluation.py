"""Measures redaction on marked text: full-span recall, and the share of harmless messages that are touched.

A span counts as found when every character of it that is not blank was replaced.
"""

import csv
import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from privacy.context import NOTHING, Context
from privacy.redaction import Redaction, redact

TUNED, HELD_OUT = "tuned", "held out"
# What counts as personal in a corpus that also marks countries, companies and titles.
PERSONAL = frozenset(
    [
        "PERSON",
        "ADDRESS",
        "CARD",
        "PHONE",
        "EMAIL",
        "SSN",
        "IBAN",
        "URL",
        "IP",
        "DRIVER_LICENSE",
        "ACCOUNT",
        "ID",
        "ZIP",
        "USERNAME",
        "PIN",
        "SECRET",
        "DOB",
        "VEHICLE",
    ]
)


# CLINC150's requests that are about a person or a secret: "call me carrie", "set my pin to 1234".
ABOUT_PEOPLE = frozenset(
    [
        "change_user_name",
        "change_ai_name",
        "text",
        "make_call",
        "share_location",
        "schedule_meeting",
        "meeting_schedule",
        "restaurant_reservation",
        "confirm_reservation",
        "cancel_reservation",
        "pin_change",
    ]
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One text with the stretches that must go: (start, end, type)."""

    group: str  # a template or a conversation: never in both halves
    text: str
    spans: tuple[tuple[int, int, str], ...]
    context: Context = NOTHING


@dataclass(slots=True)
class Score:
    """What was found of what was there."""

    samples: int = 0
    touched: int = 0
    there: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Share of the marked spans that were wholly replaced."""
        total = sum(self.there.values())
        return sum(self.found.values()) / total if total else 0.0

    @property
    def share_touched(self) -> float:
        """Share of the texts in which anything was replaced."""
        return self.touched / self.samples if self.samples else 0.0


def half_of(group: str) -> str:
    """The half a template or conversation belongs to, the same on every machine."""
    return TUNED if zlib.crc32(group.encode()) % 2 else HELD_OUT


def score(samples: Iterable[Sample], find: Callable[[Sample], Redaction] | None = None) -> Score:
    """Redact every sample and count."""
    result = Score()
    for sample in samples:
        redaction = find(sample) if find else redact(sample.text, context=sample.context)
        result.samples += 1
        result.touched += bool(redaction.found or redaction.withheld)
        for start, end, kind in sample.spans:
            result.there[kind] += 1
            result.found[kind] += is_gone(sample.text, start, end, redaction)
    return result


def is_gone(text: str, start: int, end: int, redaction: Redaction) -> bool:
    """Every character from start to end that is not blank was replaced."""
    if redaction.withheld:
        return True
    covered = {at for found in redaction.found for at in range(max(start, found.start), min(end, found.end))}
    return all(at in covered or text[at].isspace() for at in range(start, end))


def marked(path: Path, *, group: str, kinds: frozenset[str] = PERSONAL) -> Iterator[Sample]:
    """Lines of {text, spans, meta}; `group` is the key in meta that tells what belongs together."""
    for row in _lines(path):
        spans = tuple(
            (span["start"], span["end"], span["type"]) for span in row["spans"] if span["type"] in kinds
        )
        yield Sample(str(row.get("meta", {}).get(group, row["id"])), row["text"], spans)


def conversations(
    path: Path, *, role: str, asked: bool, kinds: frozenset[str] = PERSONAL
) -> Iterator[Sample]:
    """The turns of one role, with or without the question that came before."""
    for row in _lines(path):
        question = ""
        for turn in row["turns"]:
            if turn["role"] == role:
                spans = tuple((s["start"], s["end"], s["type"]) for s in turn["spans"] if s["type"] in kinds)
                yield Sample(
                    row["conversation_id"], turn["text"], spans, Context(asked=question if asked else "")
                )
            else:
                question = turn["text"]


def plain(path: Path, column: str, *, without: frozenset[str] = frozenset()) -> Iterator[Sample]:
    """Messages in which nothing is marked, one a row, without those of some intents."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row.get("intent") not in without:
                yield Sample(row[column], row[column], ())


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def corpora(folder: Path) -> dict[str, Callable[[], Iterator[Sample]]]:
    """Every corpus of a data folder, by the name it has in the report."""
    pii, chats, intent = folder / "pii", folder / "conversations", folder / "intent"
    person, address = frozenset({"PERSON"}), frozenset({"ADDRESS"})
    return {
        "synthetic templates": lambda: marked(pii / "presidio_generated_large.jsonl.gz", group="template_id"),
        "STAR users": lambda: conversations(chats / "star_first2400.jsonl.gz", role="user", asked=True),
        "STAR users, question unknown": lambda: conversations(
            chats / "star_first2400.jsonl.gz", role="user", asked=False
        ),
        "MultiDoGO finance": lambda: marked(
            pii / "multidogo_finance_train_dev.jsonl.gz", group="conversation"
        ),
        "MultiDoGO airline": lambda: marked(
            pii / "multidogo_airline_train_dev.jsonl.gz", group="conversation"
        ),
        "MultiDoGO media": lambda: marked(pii / "multidogo_media_train_dev.jsonl.gz", group="conversation"),
        "restaurant names": lambda: marked(pii / "restaurant8k_train.jsonl.gz", group="", kinds=person),
        "SGD addresses": lambda: conversations(
            chats / "sgd_dev_323.jsonl.gz", role="agent", asked=False, kinds=address
        ),
        "SGD people and phones": lambda: conversations(
            chats / "sgd_dev_323.jsonl.gz", role="agent", asked=False, kinds=frozenset({"PERSON", "PHONE"})
        ),
        "SGD users": lambda: conversations(chats / "sgd_dev_323.jsonl.gz", role="user", asked=True),
        "WNUT-17 people": lambda: marked(pii / "wnut17_train_dev.jsonl.gz", group="", kinds=person),
        "Banking77 (clean)": lambda: plain(intent / "banking77_train.csv.gz", "text"),
        "CLINC150 (clean)": lambda: plain(intent / "clinc150_train_val.csv.gz", "text"),
        "CLINC150 without requests about people (clean)": lambda: plain(
            intent / "clinc150_train_val.csv.gz", "text", without=ABOUT_PEOPLE
        ),
    }
