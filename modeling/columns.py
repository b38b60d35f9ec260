"""Snapshots of leads, as they stream by, into typed columns. Imported by training processes only (numpy)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from modeling.dataset import Column, Floats
from modeling.features import Value, as_category

Codes = NDArray[np.int32]

MISSING = -1
# A client may make up a new name for each lead; each column would take an array as long as all leads.
MANY_NAMES = 1000
FEWEST = 10
_NUMBERS = frozenset({int, float})
_STRINGS = frozenset({str, type(None)})


class Codebook(dict[str | None, int]):
    """The number of each string, given out in order of appearance; None is missing."""

    def __init__(self) -> None:
        super().__init__({None: MISSING})

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self) - 1
        return code

    def texts(self) -> list[str]:
        """The strings, each at the place its number says."""
        return [text for text in self if text is not None]


@dataclass(slots=True)
class _Parts:
    """One attribute, in pieces: (first row, values)."""

    codebook: Codebook = field(default_factory=Codebook)
    numbers: list[tuple[int, Floats]] = field(default_factory=list)
    codes: list[tuple[int, Codes]] = field(default_factory=list)

    @property
    def filled(self) -> int:
        """How many leads have it."""
        numbers = sum(int(np.sum(~np.isnan(piece))) for _, piece in self.numbers)
        return numbers + sum(int(np.sum(piece != MISSING)) for _, piece in self.codes)

    def add(self, first: int, values: Sequence[Value]) -> None:
        # one look at the types lets numpy take a whole piece at once: 20 million values in two seconds
        types = set(map(type, values))
        if types <= _NUMBERS:
            self.numbers.append((first, np.array(values, dtype=np.float64)))
        elif types <= _STRINGS:
            self._add_codes(first, values)
        else:
            numbers = [value if type(value) in _NUMBERS else None for value in values]
            self.numbers.append((first, np.array(numbers, dtype=np.float64)))
            texts = [as_category(value) if isinstance(value, str | bool) else None for value in values]
            self._add_codes(first, texts)

    def _add_codes(self, first: int, texts: Sequence[object]) -> None:
        codes = np.fromiter(map(self.codebook.__getitem__, texts), np.int32, len(texts))  # type: ignore[arg-type]
        self.codes.append((first, codes))

    def column(self, n: int) -> Column:
        numbers, codes = np.full(n, np.nan), np.full(n, MISSING, dtype=np.int32)
        for first, piece in self.numbers:
            numbers[first : first + len(piece)] = piece
        for first, coded in self.codes:
            codes[first : first + len(coded)] = coded
        return Column(
            numbers=None if np.isnan(numbers).all() else numbers,
            codes=codes if len(self.codebook) > 1 else None,
            vocabulary=self.codebook.texts(),
        )


class Columns:
    """Collects snapshots piece by piece; a few hundred at a time is fastest, as they stay in the cache."""

    def __init__(self) -> None:
        self.n = 0
        self._parts: dict[str, _Parts] = {}

    def add(self, snapshots: Sequence[Mapping[str, Value]]) -> None:
        """Take the next leads."""
        for name, values in _transposed(snapshots):
            self._parts.setdefault(name, _Parts()).add(self.n, values)
        self.n += len(snapshots)

    def build(self) -> dict[str, Column]:
        """The columns by name, in alphabetical order; an attribute that never held anything has none."""
        if len(self._parts) > MANY_NAMES:
            self._parts = {name: parts for name, parts in self._parts.items() if parts.filled >= FEWEST}
        found = {}
        for name in sorted(self._parts):
            column = self._parts.pop(name).column(self.n)
            if column.numbers is not None or column.codes is not None:
                found[name] = column
        return found


def _transposed(snapshots: Sequence[Mapping[str, Value]]) -> Iterator[tuple[str, Sequence[Value]]]:
    """Each attribute with its values, None where a lead has none."""
    forms = set(map(tuple, snapshots))
    if len(forms) == 1:
        # leads of one form (Postgres keeps the keys of a jsonb in order) are turned round at C's speed
        yield from zip(
            forms.pop(), zip(*[snapshot.values() for snapshot in snapshots], strict=True), strict=True
        )
        return
    for name in set().union(*forms):
        yield name, [snapshot.get(name) for snapshot in snapshots]
