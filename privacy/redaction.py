"""redact(): the one way a text is made safe to keep. It fails closed: what it cannot judge it withholds.

Framework-free and without state. Nothing here logs, counts or stores; callers count what they are told.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from time import perf_counter
from typing import NamedTuple

from privacy import splits
from privacy.context import NOTHING, Context
from privacy.detection import detect
from privacy.kinds import LONGEST, PLACEHOLDERS, WITHHELD, Kind, Reason
from privacy.normalization import normalise
from privacy.recognizers.base import Message, Span

GROWN = 4  # times so long a text may become by its placeholders
SECONDS = 5.0  # a text that takes longer is withheld
PASSES = 5  # a text whose redaction still changes in this pass is withheld


Tick = Callable[[], None]
Look = Callable[[Message, Context, Tick], list[Span]]


class TooSlow(Exception):
    """The time limit passed before every recognizer had looked."""


class Unsettled(Exception):
    """Redacting the redacted text goes on finding things."""


class Found(NamedTuple):
    """Characters start to end of the original text are of this kind."""

    start: int
    end: int
    kind: Kind


class Stretch(NamedTuple):
    """From `begin` on, a redacted text stands for the original from `source` on, up to `limit` at most."""

    begin: int
    source: int
    limit: int


_BEGIN = attrgetter("begin")


class Redaction(NamedTuple):
    """The safe text and what was taken out of it. `reason` tells why the text was withheld, if it was."""

    text: str
    found: tuple[Found, ...] = ()
    reason: Reason | None = None

    @property
    def withheld(self) -> bool:
        """Nothing of the text may be kept."""
        return self.reason is not None

    @property
    def kinds(self) -> Counter[Kind]:
        """How many of each kind were found."""
        return Counter(found.kind for found in self.found)


def redact(
    text: str,
    *,
    context: Context = NOTHING,
    longest: int = LONGEST,
    seconds: float = SECONDS,
    look: Look = detect,
) -> Redaction:
    """Replace everything personal by placeholders such as `[EMAIL]`.

    `longest` is in characters, `seconds` bounds the time. `look` names the stretches; the usual one skips
    what a cheap look says finds nothing.
    Never raises for any text: a text that cannot be judged becomes `[WITHHELD]` with a reason.
    """
    return _guarded(text, (), context, longest, seconds, look)


def redact_thread(
    texts: Sequence[str],
    *,
    contexts: Sequence[Context] = (),
    longest: int = LONGEST,
    seconds: float = SECONDS,
) -> list[Redaction]:
    """Redact adjacent messages of one person, and the numbers that are split over them.

    `contexts` has one for each text, or none at all.
    """
    try:
        pieces = splits.pieces(["" if _is_oversize(text, longest) else text for text in texts])
    except Exception:  # fails closed, like redact()
        return [Redaction(WITHHELD, reason=Reason.ERROR) for _ in texts]
    return [
        _guarded(text, [Found(*piece, Kind.NUMBER) for piece in own], context, longest, seconds, detect)
        for text, own, context in zip(texts, pieces, contexts or [NOTHING] * len(texts), strict=True)
    ]


def _guarded(
    text: str, also: Iterable[Found], context: Context, longest: int, seconds: float, look: Look
) -> Redaction:
    if _is_oversize(text, longest):
        return Redaction(WITHHELD, reason=Reason.OVERSIZE)
    deadline = perf_counter() + seconds

    def tick() -> None:
        if perf_counter() > deadline:
            raise TooSlow

    try:
        settled = _settled(text, list(also), lambda part: _find(part, context, tick, look))
        return Redaction(WITHHELD, reason=Reason.OVERSIZE) if _is_oversize(settled.text, longest) else settled
    except TooSlow:
        return Redaction(WITHHELD, reason=Reason.TIMEOUT)
    except Exception:  # whatever went wrong, a text that was not judged is not kept
        return Redaction(WITHHELD, reason=Reason.ERROR)


def _is_oversize(text: str, longest: int) -> bool:
    """A placeholder may be longer than what it stands for, and what was kept once is kept the second time."""
    if len(text) <= longest:
        return False
    if len(text) > GROWN * longest:
        return True
    return len(text) - sum(text.count(holder) * len(holder) for holder in PLACEHOLDERS) > longest


def _find(text: str, context: Context, tick: Tick, look: Look) -> list[Found]:
    copy = normalise(text)
    tick()
    spans = look(Message(copy.data, context.region), context, tick)
    return [Found(*copy.source(span.start, span.end), span.kind) for span in spans]


def _settled(text: str, found: list[Found], find: Callable[[str], list[Found]]) -> Redaction:
    """Redact until redacting again changes nothing: so twice is once."""
    found = _merged([*found, *find(text)])
    for _ in range(PASSES):
        if not found:
            return Redaction(text)
        safe, stretches = _replaced(text, found)
        more = find(safe)
        if not more:
            return Redaction(safe, tuple(found))
        back = [Found(_source(at.start, stretches), _source(at.end, stretches), at.kind) for at in more]
        found = _merged([*found, *back])
    raise Unsettled


def _merged(found: list[Found]) -> list[Found]:
    merged: list[Found] = []
    for each in sorted(found, key=lambda found: (found.start, -found.end)):
        if merged and each.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Found(last.start, max(last.end, each.end), last.kind)
        elif each.end > each.start:
            merged.append(each)
    return merged


def _replaced(text: str, found: list[Found]) -> tuple[str, list[Stretch]]:
    """The text with placeholders, and whence each stretch of it comes."""
    pieces: list[str] = []
    stretches = [Stretch(0, 0, len(text))]
    at = length = 0
    for each in found:
        pieces += [text[at : each.start], each.kind.placeholder]
        length += each.start - at
        stretches.append(Stretch(length, each.start, each.end))
        length += len(each.kind.placeholder)
        stretches.append(Stretch(length, each.end, len(text)))
        at = each.end
    pieces.append(text[at:])
    return "".join(pieces), stretches


def _source(place: int, stretches: list[Stretch]) -> int:
    """Where in the original; a placeholder may be longer than what it stands for."""
    stretch = stretches[bisect_right(stretches, place, key=_BEGIN) - 1]
    return min(stretch.source + place - stretch.begin, stretch.limit)
