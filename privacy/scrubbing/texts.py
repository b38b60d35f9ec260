"""What may be kept of one text. Beside redact(): what a program wrote is no text of a person."""

import re
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from privacy.context import Context
from privacy.detection import EVERYTHING, NO_ANSWER, detect
from privacy.kinds import Reason
from privacy.recognizers.dates import ADULT
from privacy.redaction import Look, Redaction, redact
from privacy.scrubbing import names
from privacy.scrubbing.tally import Problem, shape

REMEMBERED = 20_000  # texts
SHORT = 300  # bytes of a text that is remembered
PATIENCE = 12.0  # times the seconds for a text that took too long, before it is withheld
# A moment that a program wrote down. redact() reads "23T15" as the code of something.
MOMENT = re.compile(rb"([0-9]{4})-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?")
NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# Seconds, milliseconds, microseconds or nanoseconds since 1970, from 2001 to 2033.
EPOCH = re.compile(rb"1[0-9]{9}(?:\.[0-9]+|[0-9]{3}|[0-9]{6}|[0-9]{9})?")
LONG = 9  # digits of a number that is more than a count
REFERENCE = re.compile(names.UUID)


class Judgement(NamedTuple):
    """`data` stands instead of the value; None leaves it. `shape` is what was found, every letter masked."""

    data: bytes | None = None
    kinds: Counter[str] = Counter()
    withheld: int = 0
    problem: Problem | None = None
    shape: str = ""


CLEAN = Judgement()
NO_TEXT = Judgement(problem=Problem.NOT_TEXT)


class Texts:
    """Judges texts and remembers short ones. `name` is that of the field a text stands in, or empty.

    With `answers=False` a bare word is no answer to anything: it was taken out of a sentence.
    """

    def __init__(self, *, region: str, seconds: float, skip: bool, answers: bool) -> None:
        self.region = region
        self.seconds = seconds
        self._look: Look = partial(detect, skip=skip, plan=EVERYTHING if answers else NO_ANSWER)
        self.nothing = Context(region=region)
        # A date of later years is no date of birth to redact() either.
        self._since = b"%d" % (datetime.now(UTC).year - ADULT)
        self._known: dict[tuple[bytes, bytes], Judgement] = {}

    def text(self, raw: bytes, name: bytes = b"") -> Judgement:
        """What stands instead of a text, if anything does."""
        if len(raw) > SHORT:
            return self._judged(raw, name)
        known = self._known.get((raw, name))
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[raw, name] = self._judged(raw, name)
        return known

    def is_count(self, number: bytes, name: bytes) -> bool:
        """A count, an amount, a measure, or a moment in seconds: no name asks for it and it is short."""
        if 0 < len(name) <= names.LONGEST_CUE and names.cue(name) and number.isdigit():
            return False
        if name and names.is_reference(name):
            return True
        if b"e" in number or b"E" in number:
            return True
        whole = number.lstrip(b"-").partition(b".")[0]
        return len(whole) < LONG or EPOCH.fullmatch(number) is not None

    def is_moment(self, raw: bytes) -> bool:
        """A moment of these years."""
        moment = MOMENT.fullmatch(raw)
        return moment is not None and moment[1] > self._since

    def key(self, text: str) -> Judgement:
        """What stands instead of the name of a JSON member; one that looks like an identifier stays."""
        if not names.personal(names.without_ids(text.encode(errors="surrogatepass"))):
            return CLEAN
        redaction = self._redacted(text, self.nothing)
        return CLEAN if redaction.text == text else judgement(text, redaction)

    def _judged(self, raw: bytes, name: bytes) -> Judgement:
        try:
            text = raw.decode(errors="surrogatepass")
        except UnicodeDecodeError:
            return NO_TEXT
        asked = names.cue(name) if 0 < len(name) <= names.LONGEST_CUE else ""
        if not asked and self.is_moment(raw):
            return CLEAN
        if name and names.is_reference(name) and REFERENCE.fullmatch(raw):
            return CLEAN
        redaction = self._redacted(text, Context(asked=asked, region=self.region) if asked else self.nothing)
        return CLEAN if redaction.text == text else judgement(text, redaction)

    def _redacted(self, text: str, context: Context) -> Redaction:
        found = redact(text, context=context, seconds=self.seconds, look=self._look)
        if found.reason is Reason.TIMEOUT:  # a busy machine is no reason to lose what was said
            return redact(text, context=context, seconds=self.seconds * PATIENCE, look=self._look)
        return found


def judgement(text: str, redaction: Redaction) -> Judgement:
    """A redaction of a text as the judgement of its bytes."""
    kinds = Counter({str(kind): times for kind, times in redaction.kinds.items()})
    start, end = redaction.found[0][:2] if redaction.found else (0, 0)
    data = redaction.text.encode(errors="surrogatepass")
    return Judgement(data, kinds, int(redaction.withheld), None, shape(text[start:end]))
