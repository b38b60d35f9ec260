"""Whether a message is English: our models know no other language. And a few clear words of others."""

import re
from collections.abc import Sequence

from leads.signals import Intent
from leads.understanding.lists import words as listed
from leads.understanding.words import Word

ENGLISH = listed("languages", "english")
OWN_ENGLISH = ENGLISH - listed("languages", "shared")
OWN_FOREIGN = listed("languages", "foreign") - ENGLISH
BOOKING = listed("languages", "booking")
URGENT = listed("languages", "urgent")
NOT_LATIN = re.compile(r"[^\x00-\u024f\u2000-\u2bff\ufe0f\U0001f000-\U0001ffff]")
LEAST = 2


def is_foreign(words: Sequence[Word]) -> bool:
    """More little words of other languages than of English, or mostly other letters than Latin."""
    letters = [word.form for word in words if word.is_letters]
    if sum(bool(NOT_LATIN.search(form)) for form in letters if not form.isascii()) * 2 > len(letters):
        return True
    foreign = sum(map(OWN_FOREIGN.__contains__, letters))
    if foreign < LEAST and len(letters) > LEAST:
        return False
    return foreign > sum(map(OWN_ENGLISH.__contains__, letters))


def foreign_intent(words: Sequence[Word]) -> tuple[Intent, list[int]]:
    """What a few clear words of other languages tell: a booking, or nothing."""
    places = [k for k, word in enumerate(words) if word.form in BOOKING]
    return (Intent.BOOK, places) if places else (Intent.OTHER, [])


def foreign_urgency(words: Sequence[Word]) -> list[int]:
    """The words of other languages that ask to hurry."""
    return [k for k, word in enumerate(words) if word.form in URGENT]
