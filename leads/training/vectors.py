"""Texts as sparse rows over the same n-grams that the running product looks at."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from leads.understanding.grams import grams_of
from leads.understanding.senses import MARK, MOODS
from leads.understanding.words import LOUD_MARK, STRETCH_MARK, words_of

Floats = NDArray[np.float64]
SENSE_WEIGHT = 3.0  # one sense stands for thousands of words, and is among hundreds of n-grams
MARKS = (STRETCH_MARK, LOUD_MARK)
CHARS = "#"  # stands before n-grams of characters, so that both kinds share one vocabulary


def features_of(text: str, *, topics: bool = True) -> list[str]:
    """The n-grams of a text, with or without the topics of its words."""
    grams = grams_of(words_of(text))
    words = grams.words if topics else filter(_is_no_topic, grams.words)
    return [*words, *(f"{CHARS}{gram}" for gram in grams.chars)]


def _is_no_topic(gram: str) -> bool:
    return MARK not in gram or any(f"{MARK}{mood}" in gram for mood in MOODS) or gram in MARKS


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known n-grams with how rare each is."""

    columns: dict[str, int]
    rarity: Floats

    def rows(self, features: Sequence[Sequence[str]]) -> csr_matrix:
        """Texts as rows of length one; n-grams that are not known are left out."""
        found = [sorted(self.columns[gram] for gram in each if gram in self.columns) for each in features]
        ends = np.cumsum([0, *map(len, found)])
        places = np.fromiter((place for each in found for place in each), np.int32, ends[-1])
        values = self.rarity[places]
        squared = np.add.reduceat(np.append(values**2, 0.0), ends[:-1]) if len(found) else values
        lengths = np.sqrt(np.where(np.diff(ends) > 0, squared, 1.0))
        return csr_matrix(
            (values / np.repeat(lengths, np.diff(ends)), places, ends), shape=(len(found), len(self.columns))
        )


def vocabulary_of(features: Sequence[Sequence[str]], *, seen: int) -> Vocabulary:
    """The n-grams that at least `seen` texts have."""
    counts = Counter(gram for each in features for gram in each)
    return _vocabulary({gram: count for gram, count in counts.items() if count >= seen}, len(features))


def _vocabulary(counts: dict[str, int], texts: int) -> Vocabulary:
    grams = sorted(counts)
    shares = (1 + texts) / (1 + np.array([counts[gram] for gram in grams], dtype=np.float64))
    louder = np.array([SENSE_WEIGHT if MARK in gram else 1.0 for gram in grams])
    return Vocabulary({gram: k for k, gram in enumerate(grams)}, (np.log(shares) + 1) * louder)


def kept(vocabulary: Vocabulary, places: NDArray[np.int64]) -> Vocabulary:
    """Only some of the n-grams, as rare as they were."""
    chosen = set(places.tolist())
    grams = [gram for gram, place in vocabulary.columns.items() if place in chosen]
    rarity = vocabulary.rarity[[vocabulary.columns[gram] for gram in grams]]
    return Vocabulary({gram: k for k, gram in enumerate(grams)}, rarity)
