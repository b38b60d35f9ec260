"""The features of a message: its n-grams of words and of characters, each with the place it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise

from leads.understanding.senses import SENSES_OF
from leads.understanding.words import Word

SHORTEST, LARGEST = 2, 5  # characters in a row, across the gaps between words: what a typo leaves alone
LONGEST_WORD = 24
MOST_TIMES = 3


@dataclass(frozen=True, slots=True)
class Grams:
    """`words` leads to the index of a word, `chars` to a place in the line; `owners` says whose it is."""

    words: dict[str, int]
    chars: dict[str, int]
    owners: list[int]


def grams_of(words: list[Word]) -> Grams:
    """What the models look at."""
    forms = [word.form[:LONGEST_WORD] for word in words]
    grams = {form: k for k, form in enumerate(forms)}
    grams |= {f"{first} {second}": k for k, (first, second) in enumerate(pairwise(forms))}
    grams |= {f"not_{word.form}": k for k, word in enumerate(words) if word.negated}
    grams |= {gram: k for k, gram in _senses(words)}
    if forms:
        grams[f"^ {forms[0]}"] = 0
        grams[f"{forms[-1]} $"] = len(forms) - 1
    line = f" {' '.join(forms)} "
    owners = [0]
    for k, form in enumerate(forms):
        owners += [k] * (len(form) + 1)
    return Grams(grams, _chars(line), owners)


def _senses(words: list[Word]) -> Iterator[tuple[int, str]]:
    """The senses of the words; one that is there twice says more. Under a negation they are others."""
    seen: dict[str, int] = {}
    for k, word in enumerate(words):
        for sense in SENSES_OF.get(word.form, ()):
            gram = f"not{sense}" if word.negated else sense
            seen[gram] = times = min(seen.get(gram, 0) + 1, MOST_TIMES)
            yield k, gram if times == 1 else f"{gram}{times}"


def _chars(line: str) -> dict[str, int]:
    found: dict[str, int] = {}
    shifted = [line[k:] for k in range(LARGEST)]
    for size in range(SHORTEST, LARGEST + 1):  # runs in C: half the time of slicing in a loop
        found.update(zip(map("".join, zip(*shifted[:size], strict=False)), count(), strict=False))
    return found
