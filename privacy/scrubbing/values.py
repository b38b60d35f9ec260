"""What may be kept of one value: a text, or a JSON document whose strings are texts.

Fails closed, like redact(). Whatever is not changed keeps its bytes.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from privacy.redaction import SECONDS
from privacy.scrubbing import jsontext, names, threads
from privacy.scrubbing.jsontext import Layout
from privacy.scrubbing.plain import is_plain
from privacy.scrubbing.tally import Problem
from privacy.scrubbing.texts import CLEAN, NUMBER, REMEMBERED, SHORT, Judgement, Texts, judgement

DEPTH = 8  # JSON inside a string of JSON inside …; below it is text
Change = tuple[int, Judgement]
Thing = TypeVar("Thing")


class NoDocument(Exception):
    """What looked like JSON is none after all."""


class Judge:
    """Judges values. `skip=False` looks at every string without the quick look before.

    `answers=False` is for words out of sentences: a bare one is no answer to anything.
    """

    def __init__(
        self, *, region: str = "US", seconds: float = SECONDS, skip: bool = True, answers: bool = True
    ) -> None:
        self.skip = skip
        self._texts = Texts(region=region, seconds=seconds, skip=skip, answers=answers)
        self._harmless: set[bytes] = set()  # strings behind no telling name
        self._harmless_keys: set[bytes] = set()
        self._harmless_numbers: set[tuple[bytes, bytes]] = set()

    def value(self, raw: bytes, *, name: bytes = b"", depth: int = 0) -> Judgement:
        """Judge one value; `name` is that of its field, where it has one."""
        document = raw[:1] in jsontext.OPENINGS
        if self.skip and not name and not document and is_plain(raw):
            return CLEAN
        pieces = jsontext.pieces(raw) if depth < DEPTH else None
        layout = jsontext.layout(pieces) if pieces is not None else None
        if pieces is not None and layout is not None:
            try:
                return self._document(pieces, layout, name, depth)
            except NoDocument:
                pass
        return self._texts.text(raw, name)

    def number(self, raw: bytes, *, name: bytes = b"") -> Judgement:
        """Judge a value that may be a counter or a moment: a string of its own, a field of a hash."""
        if NUMBER.fullmatch(raw) and self._texts.is_count(raw, name):
            return CLEAN
        return self.value(raw, name=name)

    def thread(self, turns: Sequence[bytes]) -> dict[int, Judgement]:
        """Judge turns that follow each other: those, by place, that hold a piece of a number."""
        found: dict[int, Judgement] = {}
        for place, (raw, redaction) in threads.split_numbers(turns, self._texts.nothing).items():
            rest = self.value(raw)
            judged = judgement("", redaction)
            found[place] = judged._replace(
                data=rest.data or raw,
                kinds=judged.kinds + rest.kinds,
                withheld=judged.withheld + rest.withheld,
            )
        return found

    def _document(self, pieces: list[bytes], layout: Layout, name: bytes, depth: int) -> Judgement:
        problems: list[Problem] = []
        changes = [*self._strings(pieces, layout, name, depth, problems), *self._keys(pieces, layout)]
        changes += self._numbers(pieces, layout, name)
        problem = problems[0] if problems else None
        if not changes:
            return CLEAN if problem is None else Judgement(problem=problem)
        return _exchanged(pieces, changes, problem)

    def _strings(
        self, pieces: list[bytes], layout: Layout, name: bytes, depth: int, problems: list[Problem]
    ) -> list[Change]:
        changes: list[Change] = []
        harmless, skip, is_moment = self._harmless, self.skip, self._texts.is_moment
        for at, key in layout.strings:
            written = pieces[at]
            of = pieces[key] if key >= 0 else name
            told = 0 < len(of) <= names.LONGEST_CUE and bool(names.cue(of))
            if skip and not told and (written in harmless or _is_harmless(written, is_moment)):
                continue
            judged = self._written(written, of, depth)
            if judged.data is not None:
                changes.append((at, judged))
            elif judged.problem is not None:
                problems.append(judged.problem)
            elif not told and not names.is_reference(of):
                _remember(harmless, written, len(written))
        return changes

    def _keys(self, pieces: list[bytes], layout: Layout) -> Iterator[Change]:
        for at in layout.keys:
            written = pieces[at]
            if written in self._harmless_keys:
                continue
            judged = self._texts.key(_text(written))
            if judged is CLEAN:
                _remember(self._harmless_keys, written, len(written))
            else:
                yield at, judged._replace(data=_rewritten(judged, written))

    def _written(self, written: bytes, name: bytes, depth: int) -> Judgement:
        inner = _text(written).encode(errors="surrogatepass")
        if inner[:1] in (b"{", b"["):
            judged = self.value(inner, name=name, depth=depth + 1)
        else:
            judged = self._texts.text(inner, name)
        return judged if judged.data is None else judged._replace(data=_rewritten(judged, written))

    def _numbers(self, pieces: list[bytes], layout: Layout, name: bytes) -> Iterator[Change]:
        known = self._harmless_numbers
        for at, key in layout.numbers:
            of = pieces[key] if key >= 0 else name
            if (of, pieces[at]) in known:
                continue
            judged = self._number(pieces[at], of)
            if judged is CLEAN:
                _remember(known, (of, pieces[at]), len(of) + len(pieces[at]))
            else:
                yield at, judged

    def _number(self, piece: bytes, name: bytes) -> Judgement:
        """Numbers of JSON: those that their name or their length gives away become placeholders."""
        found: list[Judgement] = []

        def judged(match: re.Match[bytes]) -> bytes:
            number = match.group()
            one = CLEAN if self._texts.is_count(number, name) else self._texts.text(number, name)
            if one.data is None:
                return number
            found.append(one)
            return b'"' + one.data + b'"'

        data = NUMBER.sub(judged, piece)
        if not found:
            return CLEAN
        kinds = sum((one.kinds for one in found), Counter[str]())
        return Judgement(data, kinds, shape=found[0].shape)


def _is_harmless(written: bytes, is_moment: Callable[[bytes], bool]) -> bool:
    """A moment begins with a digit, and what has a digit is not plain."""
    return is_moment(written) if written[:1].isdigit() else is_plain(written)


def _remember(harmless: "set[Thing]", thing: Thing, size: int) -> None:
    if size > SHORT:
        return
    if len(harmless) >= REMEMBERED:
        harmless.clear()
    harmless.add(thing)


def _text(written: bytes) -> str:
    text = jsontext.decoded(written)
    if text is None:
        raise NoDocument
    return text


def _rewritten(judged: Judgement, written: bytes) -> bytes:
    return jsontext.encoded((judged.data or b"").decode(errors="surrogatepass"), like=written)


def _exchanged(pieces: list[bytes], changes: list[Change], problem: Problem | None) -> Judgement:
    """The document with these pieces exchanged."""
    kinds: Counter[str] = Counter()
    for at, judged in changes:
        pieces[at] = judged.data or b""
        kinds.update(judged.kinds)
    withheld = sum(judged.withheld for _, judged in changes)
    return Judgement(b'"'.join(pieces), kinds, withheld, problem, changes[0][1].shape)
