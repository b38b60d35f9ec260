"""Messages written by hand: whole ones with all three labels, and short ones that teach a mood or a hurry."""

from collections.abc import Iterator

from leads.training.examples import Example
from leads.training.invented import PHRASES

WEIGHT = 3.0  # each is one of its kind; an invented one has brothers


def written() -> list[Example]:
    """All, in one order."""
    return [*_whole(), *_moods(), *_hurries()]


def whole() -> list[Example]:
    """Only those that carry all three labels."""
    return list(_whole())


def _whole() -> Iterator[Example]:
    for number, (text, intent, sentiment, urgency) in enumerate(_rows("handwritten")):
        yield Example(text, f"handwritten:{number}", intent, sentiment, urgency, WEIGHT)


def _moods() -> Iterator[Example]:
    for number, (text, sentiment) in enumerate(_rows("moods")):
        yield Example(text, f"mood:{number}", None, sentiment, weight=WEIGHT)


def _hurries() -> Iterator[Example]:
    for number, (text, urgency) in enumerate(_rows("hurries")):
        yield Example(text, f"hurry:{number}", urgency=urgency, weight=WEIGHT)


def _rows(name: str) -> list[list[str]]:
    lines = (PHRASES / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]
