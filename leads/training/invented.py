"""Invented messages: templates of each intent, filled in for many trades, as people really type.

The templates are in `phrases/`: `{slot}` is filled in, `(a|b)` is one of them, and behind a tab stand marks:
n negative, p positive, h urgent, l not urgent.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from leads.signals import Intent, Sentiment, Urgency
from leads.training.examples import Example
from leads.training.slips import as_typed

PHRASES = Path(__file__).parent / "phrases"
SLOT = re.compile(r"\{(\w+)\}")
CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
MARKS = {"n": Sentiment.NEGATIVE, "p": Sentiment.POSITIVE, "h": Urgency.HIGH, "l": Urgency.LOW}
FEW = 6  # times a template without slots is used
MANY = 16
PLAIN = {Intent.OPT_OUT, Intent.SPAM, Intent.OTHER}  # little is put around these
BOTH = (Sentiment.NEGATIVE, Sentiment.POSITIVE)
# How else a neutral sentence may come; a greeting with "worst service ever" would be a complaint.
MOODY = dict.fromkeys(Intent, BOTH) | {
    Intent.OTHER: (Sentiment.POSITIVE,),
    Intent.OPT_OUT: (Sentiment.NEGATIVE,),
    Intent.SPAM: (Sentiment.NEUTRAL,),
}

Slots = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence of one intent, with how it sounds."""

    name: str
    pattern: str
    intent: Intent
    sentiment: Sentiment
    urgency: Urgency


@cache
def templates() -> tuple[Template, ...]:
    """All, in the order of their files."""
    return tuple(template for intent in Intent for template in _templates_of(intent))


def _templates_of(intent: Intent) -> Iterator[Template]:
    lines = (PHRASES / f"{intent.value}.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        pattern, _, marks = line.partition("\t")
        meant = [MARKS[mark] for mark in marks.split()]
        sentiment = next((mark for mark in meant if isinstance(mark, Sentiment)), Sentiment.NEUTRAL)
        urgency = next((mark for mark in meant if isinstance(mark, Urgency)), Urgency.NORMAL)
        yield Template(f"{intent.value}:{number}", pattern, intent, sentiment, urgency)


@cache
def trades() -> dict[str, Slots]:
    """The slots of each trade."""
    return dict(tomllib.loads((PHRASES / "trades.toml").read_text(encoding="utf-8")))


@cache
def common() -> dict[str, Slots]:
    """What every trade shares."""
    return dict(tomllib.loads((PHRASES / "common.toml").read_text(encoding="utf-8")))


def invented(
    *, seed: int = 0, chosen: Sequence[Template] | None = None, within: Sequence[str] = ()
) -> list[Example]:
    """Messages of every template (or of those `chosen`), about all trades or only those `within`."""
    places = list(within) or sorted(trades())
    found = []
    for template in templates() if chosen is None else chosen:
        random = Random(f"{seed}:{template.name}")  # noqa: S311 - made-up texts
        several = MANY if "{" in template.pattern else FEW + template.pattern.count("|")
        found += [_message(template, random.choice(places), random) for _ in range(several)]
    return found


def _message(template: Template, trade: str, random: Random) -> Example:
    text = filled(template.pattern, trades()[trade], random)
    sentiment, urgency = template.sentiment, template.urgency
    parts = [text]
    if len(text) > 12 or random.random() < 0.3:
        sentiment, urgency = _surround(parts, template, random)
    words = as_typed(_joined(parts, random), random)
    return Example(words, template.name, template.intent.value, sentiment.value, urgency.value)


def filled(pattern: str, slots: Slots, random: Random) -> str:
    """The pattern with one of each choice, and each slot filled in."""
    shared = common()["slots"]
    chosen = CHOICE.sub(lambda found: random.choice(found[1].split("|")), pattern)
    text = SLOT.sub(lambda found: random.choice(slots.get(found[1]) or shared[found[1]]), chosen)
    return " ".join(text.split())


def _surround(parts: list[str], template: Template, random: Random) -> tuple[Sentiment, Urgency]:
    around = common()["around"]
    sentiment, urgency = template.sentiment, template.urgency
    plain = template.intent in PLAIN
    if sentiment is Sentiment.NEUTRAL and template.intent in MOODY and random.random() < 0.2:
        sentiment = random.choice(MOODY[template.intent])
        if sentiment is not Sentiment.NEUTRAL:
            parts.insert(random.choice([0, 1]), random.choice(common()["mood"][sentiment.value]))
    if urgency is Urgency.NORMAL and not plain and random.random() < 0.25:
        urgency = random.choice([Urgency.LOW, Urgency.HIGH, Urgency.HIGH])
        parts.insert(random.choice([0, len(parts)]), random.choice(common()["urgent"][urgency.value]))
    if not plain and random.random() < 0.25:
        parts.insert(0, random.choice(around["context"]))
    if random.random() < (0.15 if plain else 0.4):
        parts.insert(0, random.choice(around["greeting"]))
    if random.random() < (0.15 if plain else 0.35):
        parts.append(random.choice(around["closing"]))
    if not plain and random.random() < 0.05:
        parts.append(random.choice(around["emoji"]))
    return sentiment, urgency


def _joined(parts: Sequence[str], random: Random) -> str:
    text = ""
    for part in parts:
        if text and text[-1].isalnum():
            text += random.choice([".", ".", ",", " -", "!", "\n", ""])
        text += f" {part}" if text else part
    return text
