"""How the values of each type of Redis are read, a slice at a time."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from privacy.scrubbing.link import Command

SLICE = 500  # elements read at once
LARGEST = 8_000_000  # bytes of one string
LAST = b"%d" % (SLICE - 1)
LIST = b"*4\r\n$6\r\nLRANGE\r\n$%d\r\n%b\r\n$1\r\n0\r\n$%d\r\n%b\r\n"
SCANS = {"hash": "HSCAN", "set": "SSCAN", "zset": "ZSCAN"}
TYPES = ("string", "list", *SCANS, "stream")


class Item(NamedTuple):
    """A value and where it stands: its index, its field, or nothing."""

    place: bytes | int
    raw: bytes
    name: bytes = b""


def first(kind: str, key: bytes) -> Command | bytes:
    """Ask for the first slice."""
    if kind == "list":  # by far the most questions: packed here
        return LIST % (len(key), key, len(LAST), LAST)
    if kind == "string":
        return ("GETRANGE", key, 0, LARGEST)
    if kind == "stream":
        return ("XRANGE", key, "-", "+", "COUNT", SLICE)
    return (SCANS[kind], key, 0, "COUNT", SLICE)


def items(kind: str, reply: Any, start: int = 0) -> list[Item]:
    """The values of a slice; the first element of a list has the index `start`."""
    if kind == "string":
        return [Item(b"", reply)] if reply else []
    if kind == "list":
        return [Item(at, raw) for at, raw in enumerate(reply, start)]
    if kind == "hash":
        return [Item(field, raw, field) for field, raw in _pairs(reply[1])]
    if kind == "zset":
        return [Item(b"", member) for member, _ in _pairs(reply[1])]
    return [Item(b"", member) for member in reply[1]]


def following(kind: str, key: bytes, reply: Any, start: int) -> Command | None:
    """Ask for the slice behind this one; None when it was the last."""
    if kind == "list":
        after = start + SLICE
        return ("LRANGE", key, after, after + SLICE - 1) if len(reply) == SLICE else None
    if kind in SCANS and reply[0] != b"0":
        return (SCANS[kind], key, reply[0], "COUNT", SLICE)
    return None


def entries(reply: Any) -> Iterator[tuple[bytes, list[Item]]]:
    """The entries of a stream, each with its fields in order."""
    for number, fields in reply:
        yield number, [Item(at, raw, field) for at, (field, raw) in enumerate(_pairs(fields or []))]


def _pairs(flat: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)
