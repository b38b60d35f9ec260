"""Patterns in linear time: each is compiled by RE2, which never backtracks, for bytes of Latin-1."""

from collections.abc import Iterator
from typing import Protocol, cast

import re2  # type: ignore[import-untyped, import-not-found, unused-ignore]


class Match(Protocol):
    """What RE2 found."""

    def span(self, group: int = 0) -> tuple[int, int]: ...
    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...
    def group(self, group: int = 0) -> bytes: ...


class Pattern(Protocol):
    """A compiled RE2 expression."""

    def search(self, data: bytes, pos: int = 0, endpos: int | None = None) -> Match | None: ...
    def match(self, data: bytes, pos: int = 0, endpos: int | None = None) -> Match | None: ...
    def fullmatch(self, data: bytes) -> Match | None: ...
    def finditer(self, data: bytes, pos: int = 0) -> Iterator[Match]: ...


def pattern(expression: bytes, *, any_case: bool = False) -> Pattern:
    """Compile. RE2 refuses what cannot run in linear time (look-around, back-references)."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.case_sensitive = not any_case
    return cast(Pattern, re2.compile(expression, options))
