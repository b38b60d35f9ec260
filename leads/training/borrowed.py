"""Texts by others that a shipped model may learn from, with credit: CC BY and MIT only. We ship none of them.

Sets that may not (non-commercial, research only, unstated) are read by `judged.py` alone, to measure.
"""

import csv
import gzip
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from leads.signals import Intent, Sentiment, Urgency
from leads.training.examples import Example

SAME = Path(__file__).parent / "phrases" / "borrowed.toml"
POSITIVE, NEGATIVE = 0.6, -0.6  # of ratings from -4 to 4: where raters agree that a text is not neutral
BOOKING = re.compile(r"\b(book|reserv\w+|table for)\b", re.IGNORECASE)
NOT_BOOKING = re.compile(r"\b(cancel|change|move|already|my reservation|my booking)\b", re.IGNORECASE)
FEWEST_WORDS = 4
# How much a text says beside one of our own, which are about lead desks.
OF_INTENT, OF_TALK, OF_REVIEW = 0.2, 0.1, 0.1
CREDITS = {
    "Banking77": "Casanueva et al. 2020, PolyAI, CC BY 4.0",
    "CLINC150": "Larson et al. 2019, CC BY 3.0",
    "UCI sentiment labelled sentences": "Kotzias et al. 2015, CC BY 4.0",
    "VADER gold tweets": "Hutto and Gilbert 2014, MIT",
    "STAR": "Mosig et al. 2020, Rasa, MIT",
    "Restaurant8k": "Coope et al. 2020, PolyAI, CC BY 4.0",
}


def borrowed(folder: Path) -> list[Example]:
    """Every set that is in the folder, in one order."""
    return [example for read in READERS.values() for example in read(folder)]


def table(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a packed CSV file; none when it is not there."""
    path = folder / f"{name}.csv.gz"
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def lines(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a packed file with one a line; none when it is not there."""
    path = folder / f"{name}.jsonl.gz"
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


@cache
def _same(name: str) -> dict[str, str]:
    """Their intent to ours."""
    ours = tomllib.loads(SAME.read_text(encoding="utf-8"))[name]
    return {theirs: intent for intent, listed in ours.items() for theirs in listed.split()}


def _clinc(folder: Path) -> Iterator[Example]:
    for number, row in enumerate(table(folder, "intent/clinc150_train_val")):
        intent = _same("clinc150").get(row["intent"])
        if intent is not None:
            # each stands for itself: one is asked in a hundred ways by a hundred people
            yield Example(row["text"], f"clinc:{number}", intent, None, Urgency.NORMAL.value, OF_INTENT)


def _banking(folder: Path) -> Iterator[Example]:
    for number, row in enumerate(table(folder, "intent/banking77_train")):
        intent = _same("banking77").get(row["category"])
        if intent is not None:
            yield Example(row["text"], f"banking:{number}", intent, weight=OF_TALK)


def _star(folder: Path) -> Iterator[Example]:
    for dialogue in lines(folder, "conversations/star_first2400"):
        first = next((turn["text"] for turn in dialogue["turns"] if turn["role"] == "user"), "")
        intent = _same("star").get(dialogue["tasks"][0] if dialogue["tasks"] else "")
        if intent is not None and len(first.split()) >= FEWEST_WORDS:
            group = dialogue["conversation_id"]
            yield Example(first, group, intent, None, Urgency.NORMAL.value, OF_TALK)


def _restaurant(folder: Path) -> Iterator[Example]:
    for line in lines(folder, "pii/restaurant8k_train"):
        text = line["text"]
        if BOOKING.search(text) and not NOT_BOOKING.search(text) and len(text.split()) >= FEWEST_WORDS:
            yield Example(text, line["id"], Intent.BOOK.value, Sentiment.NEUTRAL.value, weight=OF_TALK)


def _reviews(folder: Path) -> Iterator[Example]:
    for number, row in enumerate(table(folder, "sentiment/uci_sentences_amazon_yelp")):
        good = row["positive"] == "1"
        sentiment = Sentiment.POSITIVE if good else Sentiment.NEGATIVE
        yield Example(row["text"], f"uci:{number}", None, sentiment.value)
        intent = Intent.OTHER if good else Intent.COMPLAINT
        yield Example(row["text"], f"uci:{number}", intent.value, weight=OF_REVIEW)


def _tweets(folder: Path) -> Iterator[Example]:
    for row in table(folder, "sentiment/vader_gold_tweets"):
        rating = float(row["mean_rating"])
        sentiment = (
            Sentiment.POSITIVE
            if rating > POSITIVE
            else Sentiment.NEGATIVE
            if rating < NEGATIVE
            else Sentiment.NEUTRAL
        )
        yield Example(row["text"], f"vader:{row['id']}", None, sentiment.value)
        yield Example(row["text"], f"vader:{row['id']}", Intent.OTHER.value, weight=OF_REVIEW)


READERS: dict[str, Callable[[Path], Iterator[Example]]] = {
    "Banking77": _banking,
    "CLINC150": _clinc,
    "UCI sentiment labelled sentences": _reviews,
    "VADER gold tweets": _tweets,
    "STAR": _star,
    "Restaurant8k": _restaurant,
}
