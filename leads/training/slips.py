"""How people type: small letters, missing marks, slips of the finger."""

import re
from collections.abc import Callable
from random import Random

PLACEHOLDER = re.compile(r"(\[[A-Z_]+\])")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {row[k]: row[max(0, k - 1) : k] + row[k + 1 : k + 2] for row in ROWS for k in range(len(row))}
LONG = 5  # letters from which a word may be mistyped: a slip in a short one makes another word


def as_typed(text: str, random: Random) -> str:
    """The text as somebody in a hurry, or on a phone, may have sent it. Placeholders stay."""
    style = random.random()
    if style < 0.35:
        text = _outside(text, str.lower)
    elif style < 0.38:
        text = text.upper()
    elif style < 0.75:
        text = text[:1].upper() + text[1:]
    if random.random() < 0.2:
        text = _outside(text, lambda part: re.sub(r"[.,!?']", "", part)) or text
    elif random.random() < 0.3 and text[-1:].isalnum():
        text += random.choice([".", "!", ".", "!!", "?" if text.endswith("?") else "."])
    if random.random() < 0.2:
        text = _outside(text, lambda part: _slipped(part, random))
    return text


def _outside(text: str, change: Callable[[str], str]) -> str:
    return "".join(part if PLACEHOLDER.fullmatch(part) else change(part) for part in PLACEHOLDER.split(text))


def _slipped(part: str, random: Random) -> str:
    words = part.split(" ")
    long = [k for k, word in enumerate(words) if len(word) >= LONG and word.isalpha()]
    if long:
        place = random.choice(long)
        words[place] = _mistyped(words[place], random)
    return " ".join(words)


def _mistyped(word: str, random: Random) -> str:
    k = random.randrange(1, len(word) - 1)
    kind = random.randrange(4)
    if kind == 0:
        return word[:k] + word[k + 1 :]
    if kind == 1:
        return word[:k] + word[k] + word[k:]
    if kind == 2:
        return word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    other = NEIGHBOURS.get(word[k].lower(), word[k])
    return word[:k] + random.choice(other) + word[k + 1 :]
