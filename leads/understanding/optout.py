"""Whether a message asks to be left alone. Rules decide: a wrong yes loses a lead, a wrong no breaks a law.

A request is a sentence with a phrase of `lists/optout.toml`, or a message that is nothing but a word: "stop".
It does not count when the sentence denies or limits it ("do not call me before nine"), speaks of something
else ("remove me from the waiting list") or is small print, or when another way to be reached is named.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leads.understanding.lists import patterns, words
from leads.understanding.words import Word

CERTAIN, FOREIGN = 0.97, 0.93
ALONE = words("optout", "alone")
FILLERS = words("optout", "fillers")
MOST_ALONE = 8  # words of a message that is nothing but the word
SENTENCE_ENDS = frozenset(".!?;\n…")
# Without a trigger, or one of each of the others, no phrase can be there: most messages need no patterns.
TRIGGERS = ALONE | words("optout", "triggers")
DENIALS = words("optout", "denials")
REACHING = words("optout", "reaching")
REQUESTS = patterns("optout", "requests")
TRAPS = patterns("optout", "traps")
OTHERWISE = patterns("optout", "otherwise")
ABROAD = patterns("optout", "abroad")
DENIED_ABROAD = patterns("optout", "denied_abroad")


@dataclass(frozen=True, slots=True)
class OptOut:
    """A request to be left alone: how sure, and the indices of the words that say so."""

    confidence: float
    words: tuple[int, ...]


def opt_out_of(words: Sequence[Word]) -> OptOut | None:
    """The request in these words; None without one."""
    forms = {word.form for word in words}
    if TRIGGERS.isdisjoint(forms) and (DENIALS.isdisjoint(forms) or REACHING.isdisjoint(forms)):
        return None
    return _alone(words) or _asked(words)


def _alone(words: Sequence[Word]) -> OptOut | None:
    """A message that is nothing but the word, as text messages ask for it."""
    if len(words) > MOST_ALONE or any(word.form[0] == "?" for word in words):
        return None
    said = [k for k, word in enumerate(words) if word.form[0].isalpha() and word.form not in FILLERS]
    if 0 < len(said) <= 3 and all(words[k].form in ALONE for k in said):
        return OptOut(CERTAIN, tuple(said))
    return None


def _asked(words: Sequence[Word]) -> OptOut | None:
    sentences = list(_sentences(words))
    whole = " ".join(_line(words, places) for places in sentences)
    if any(pattern.search(whole) for pattern in OTHERWISE):
        return None
    for places in sentences:
        line = _line(words, places)
        clauses = _line(words, range(places[0], places[-1] + 1), marks=",")
        for requests, traps, confidence in ((REQUESTS, TRAPS, CERTAIN), (ABROAD, DENIED_ABROAD, FOREIGN)):
            found = next(filter(None, (request.search(line) for request in requests)), None)
            if found and not any(trap.search(clauses) for trap in traps):
                return OptOut(confidence, _between(line, places, found.start(), found.end()))
    return None


def _sentences(words: Sequence[Word]) -> Iterator[list[int]]:
    """The indices of each sentence's words."""
    places: list[int] = []
    for k, word in enumerate(words):
        if word.form[0] in SENTENCE_ENDS:
            if places:
                yield places
            places = []
        elif _is_said(word):
            places.append(k)
    if places:
        yield places


def _is_said(word: Word) -> bool:
    return word.form[0].isalnum() or word.form[0] == "["


def _line(words: Sequence[Word], places: Sequence[int], *, marks: str = "") -> str:
    """Words as one line with a blank at both ends; of other marks only `marks`."""
    said = (words[k] for k in places)
    return f" {' '.join(word.form for word in said if _is_said(word) or word.form in marks)} "


def _between(line: str, places: Sequence[int], start: int, end: int) -> tuple[int, ...]:
    """The words that a stretch of the line covers."""
    first = line[: start + 1].count(" ") - (line[start] != " ") if start else 0
    return tuple(places[first : len(line[:end].split())])
