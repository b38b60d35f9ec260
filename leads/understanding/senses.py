"""What words stand for by themselves: a mood or a topic, which stands for many words, however rare."""

from collections.abc import Iterator, Mapping

from leads.understanding.lists import listed

MARK = "~"
MOODS = ("good", "bad", "great", "awful")  # the stronger has the last word
SHORTEST = 4  # letters of a word that is inflected


def _senses() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    moods = listed("moods")
    tables = [_table({mood: moods[mood]}) for mood in MOODS]
    mood_of = {form: sense for table in tables for form, sense in table.items()}
    for table in (mood_of, *(_table({topic: words}) for topic, words in listed("topics").items())):
        for form, sense in table.items():
            found[form] = (*found.get(form, ()), f"{MARK}{sense}")
    return found


def _table(lists: Mapping[str, str]) -> dict[str, str]:
    words = {word: sense for sense, listed_words in lists.items() for word in listed_words.lower().split()}
    inflected = {form: sense for word, sense in words.items() for form in _inflected(word)}
    return inflected | words


def _inflected(word: str) -> Iterator[str]:
    if len(word) < SHORTEST or not word.isalpha():
        return
    stem = word[:-1] if word[-1] in "ey" else word
    yield from (f"{word}s", f"{word}ly", f"{stem}ing", f"{stem}ed", f"{stem}er", f"{stem}est")
    if word[-1] == "y":
        yield from (f"{stem}ies", f"{stem}ied", f"{stem}ier", f"{stem}iest", f"{stem}ily", f"{stem}iness")


SENSES_OF = _senses()
