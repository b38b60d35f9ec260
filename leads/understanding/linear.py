"""One small linear model over n-grams: labels with probabilities, and which words spoke for each."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from math import exp, sqrt

from leads.understanding.grams import Grams

ROUND = 100.0  # squared lengths are kept in hundredths
LARGEST_WEIGHT = 10_000
# The whole numbers of a row stand side by side in one big number: one addition adds them all, much faster.
# 32 bits each are enough for any message: it has at most 6,000 words and 24,000 other n-grams.
LANE = 32
MASK = (1 << LANE) - 1

Row = int


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights are whole numbers times `scale`; a message is as long as one n-gram, however many it has."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    scale: float
    sharpness: float
    words: Mapping[str, Row]
    chars: Mapping[str, Row]

    def read(self, grams: Grams) -> "Reading":
        """What the message tells this model."""
        words = grams.words.keys() & self.words.keys()
        chars = grams.chars.keys() & self.chars.keys()
        total = sum(map(self.words.__getitem__, words)) + sum(map(self.chars.__getitem__, chars))
        *sums, squared = unpacked(total, len(self.labels), rows=len(words) + len(chars))
        factor = self.scale / sqrt(squared / ROUND) if squared else 0.0
        margins = tuple(bias + factor * part for bias, part in zip(self.bias, sums, strict=True))
        return Reading(self, grams, words, chars, margins)


def packed(weights: Sequence[int], squared: int) -> Row:
    """A row: a weight for each label, then the squared length of the n-gram."""
    row = squared
    for weight in reversed(weights):
        row = (row << LANE) + weight + LARGEST_WEIGHT
    return row


def unpacked(row: Row, labels: int, *, rows: int = 1) -> list[int]:
    """The weights and the squared length of the sum of so many rows."""
    parts = [(row >> LANE * k & MASK) - rows * LARGEST_WEIGHT for k in range(labels)]
    return [*parts, row >> LANE * labels]


@dataclass(frozen=True, slots=True)
class Reading:
    """A model's margins for one message, and the n-grams that it knew."""

    model: Linear
    grams: Grams
    known_words: Set[str]
    known_chars: Set[str]
    margins: tuple[float, ...]

    def probabilities(self) -> list[float]:
        """One for each label, in the order of the model's labels."""
        highest = max(self.margins)
        parts = [exp(self.model.sharpness * (margin - highest)) for margin in self.margins]
        total = sum(parts)
        return [part / total for part in parts]

    def spoke_for(self, column: int) -> list[int]:
        """Indices of the words that spoke for a label, strongest first; a row adds up to nothing."""
        votes = [0.0] * len(self.grams.owners)
        shift, words, chars = LANE * column, self.model.words, self.model.chars
        places, owners = self.grams.chars, self.grams.owners
        for gram in self.known_chars:
            votes[owners[places[gram] + len(gram) // 2]] += (chars[gram] >> shift & MASK) - LARGEST_WEIGHT
        for gram in self.known_words:
            vote = (words[gram] >> shift & MASK) - LARGEST_WEIGHT
            first = self.grams.words[gram]
            if " " in gram and gram[0] != "^" and gram[-1] != "$":
                votes[first] += vote / 2
                votes[first + 1] += vote / 2
            else:
                votes[first] += vote
        for_it = [index for index, vote in enumerate(votes) if vote > 0]
        return sorted(for_it, key=lambda index: -votes[index])


def most_likely(probabilities: Sequence[float]) -> int:
    """The column of the highest."""
    return max(range(len(probabilities)), key=probabilities.__getitem__)
