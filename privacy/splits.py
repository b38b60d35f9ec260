"""Numbers that a person types over several messages: 4111 1111, then 1111 1111."""

from collections.abc import Iterator, Sequence

from privacy.normalization import Copy, normalise
from privacy.patterns import pattern

HEAD = pattern(rb"\A[\s#(+]*\d(?:[\s.\-()/]{0,3}\d)*")
TAIL = pattern(rb"\d(?:[\s.\-()/]{0,3}\d)*[\s.\-)]*\z")
LONG = 7  # digits that are personal together
LOOK = 48  # bytes at either end of a message in which a piece is looked for

Piece = tuple[int, int]


def pieces(texts: Sequence[str]) -> list[list[Piece]]:
    """For each text, the stretches of it that are a piece of a number of seven digits or more."""
    copies = [normalise(text) for text in texts]
    found: list[list[Piece]] = [[] for _ in texts]
    for chain in _chains(copies):
        digits = sum(
            48 <= byte <= 57 for index, start, end in chain for byte in copies[index].data[start:end]
        )
        if len(chain) > 1 and digits >= LONG:
            for index, start, end in chain:
                found[index].append(copies[index].source(start, end))
    return found


def _chains(copies: list[Copy]) -> Iterator[list[tuple[int, int, int]]]:
    """Runs of messages: the end of one, whole ones, the beginning of another."""
    chain: list[tuple[int, int, int]] = []
    for index, copy in enumerate(copies):
        head, tail = _head(copy.data), _tail(copy.data)
        if head is not None and chain:
            chain.append((index, *head))
        if head is None or head[1] < len(copy.data.rstrip()):
            yield chain
            chain = []
        if tail is not None and not chain:
            chain = [(index, *tail)]
    yield chain


def _head(data: bytes) -> Piece | None:
    match = HEAD.search(data[:LOOK])
    return match.span() if match else None


def _tail(data: bytes) -> Piece | None:
    base = max(0, len(data) - LOOK)
    match = TAIL.search(data[base:])
    return (base + match.start(), base + match.end()) if match else None
