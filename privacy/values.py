"""What may be kept of named values, such as the attributes of a lead: what is personal becomes a placeholder.

A model learns from these values, so nothing else may change: a city stays a city, a number stays a number
unless its name says whose it is. Fails closed, value by value. Pure.
"""

from collections import Counter
from collections.abc import Mapping, Set
from datetime import datetime
from functools import partial
from typing import NamedTuple

from privacy import lexicon
from privacy.attribute_names import Manner, Meaning, meaning
from privacy.context import NOTHING, Context
from privacy.detection import NO_ANSWER, detect, settle
from privacy.kinds import PLACEHOLDERS, WITHHELD, Kind, Reason
from privacy.lexicon import Word
from privacy.normalization import normalise
from privacy.own_details import OwnDetails, own_details
from privacy.recognizers import short_values
from privacy.recognizers.base import Message, Span
from privacy.redaction import Look, Redaction, Tick, redact

Value = str | float | int | bool | None


class Judged(NamedTuple):
    """The values that may be kept, the given object itself when all may; what was found and failed."""

    values: Mapping[str, Value]
    kinds: Counter[Kind]
    reasons: list[Reason]


SENTENCE = 4  # words of a value that is read as free text
SPEECH = 8  # the same where the name tells of a list: names of campaigns are long
MANY, REMEMBERED = 8192, 64
LONG = 1_000_000
PLANS, LONGEST_PLAN = 256, 50
# Values that were looked at and hold nothing personal: only such are remembered, and only short ones.
_clean: dict[Meaning, set[str]] = {Manner.OPEN: set(), Manner.CLOSED: set()}
_plans: dict[tuple[str, ...], "list[Step]"] = {}
FINDERS = {Manner.OPEN: short_values.open_values, Manner.CLOSED: short_values.closed_values}
SPOKEN = partial(detect, plan=NO_ANSWER)
# What a value says when it tells only whether there is something.
PRESENCE = frozenset(
    b"yes no y n true false t f none null nil unknown missing present given provided set unset valid invalid "
    b"verified unverified ok na n/a - ? ja nein si oui non sim nao leer vacio vide empty".split()
)
WITHOUT_DIGITS = frozenset((Kind.EMAIL, Kind.PERSON, Kind.ADDRESS, Kind.USERNAME, Kind.SECRET, Kind.MAC))
WORDS = frozenset((Kind.EMAIL, Kind.PERSON))  # a number is none of these
SMALL = 100  # a smaller number is a count


class Step(NamedTuple):
    """How values of one name are read. Texts in `clean` were looked at before; numbers are, if `telling`."""

    name: str
    meaning: Meaning
    clean: Set[str]
    telling: bool


def judged(values: Mapping[str, Value], *, person: Context = NOTHING) -> Judged:
    """Look at every value; `person` is whom they are about."""
    own = _own(values, person) if person else None
    result = Judged(values, Counter(), [])
    changed: dict[str, Value] = {}
    names = tuple(values)
    for name, meant, clean, telling in _plan(names):
        value = values[name]
        if own is None and (value in clean if type(value) is str else not telling):
            continue
        safe = _kept(meant, value, own, person, result)
        if safe is not value:
            changed[name] = safe
    renamed = _renamed(names, person, result)
    return result._replace(values=_changed(values, changed, renamed)) if changed or renamed else result


def _changed(
    values: Mapping[str, Value], changed: Mapping[str, Value], renamed: Mapping[str, str]
) -> dict[str, Value]:
    return {renamed.get(name, name): changed.get(name, value) for name, value in values.items()}


def _own(values: Mapping[str, Value], person: Context) -> OwnDetails | None:
    """None when a cheap look says that none of the person's details is in the values."""
    own = own_details(person)
    return own if own.may_be_in(_texts(values)) else None


def _plan(names: tuple[str, ...]) -> list[Step]:
    """The leads of one caller have the same names, in one order."""
    return _plans.get(names) or [
        Step(name, meant, _clean.get(meant, frozenset()), isinstance(meant, Kind))
        for name, meant in ((name, meaning(name)) for name in names)
    ]


def _renamed(names: tuple[str, ...], person: Context, result: Judged) -> dict[str, str]:
    """Names that are themselves personal, with what stands for them; a plan without such is remembered."""
    if names in _plans:
        return {}
    kept = {name: str(_kept(Manner.OPEN, name, None, person, result)) for name in names}
    renamed = {name: safe for name, safe in kept.items() if safe != name}
    if not renamed and len(names) <= LONGEST_PLAN:
        if len(_plans) >= PLANS:
            _plans.clear()
        _plans[names] = _plan(names)
    return renamed


def _texts(values: Mapping[str, Value]) -> list[str]:
    """Where details of a person can be: texts, and numbers as long as a telephone number."""
    return [
        value if type(value) is str else str(value)
        for value in values.values()
        if type(value) is str or (value is not None and value >= LONG)  # type: ignore[operator]
    ]


def _kept(manner: Meaning, value: Value, own: OwnDetails | None, person: Context, result: Judged) -> Value:
    """What may be kept of one value; the value itself if all of it."""
    if value is None or isinstance(value, bool):
        return value
    try:
        if isinstance(value, str):
            return _kept_text(manner, value, own, person, result)
        kind = _kind_of_number(manner, value, own)
        return value if kind is None else _placed(kind, result)
    except Exception:  # whatever went wrong, a value that was not judged is not kept
        result.reasons.append(Reason.ERROR)
        return WITHHELD


def _placed(kind: Kind, result: Judged) -> str:
    result.kinds[kind] += 1
    return kind.placeholder


def _kind_of_number(manner: Meaning, number: float, own: OwnDetails | None) -> Kind | None:
    """None for a number that tells nothing of a person."""
    if isinstance(manner, Kind):
        return manner if _is_personal_number(manner, number) else None
    return Kind.PHONE if own is not None and own.digits and _ends(number, own.digits) else None


def _is_personal_number(kind: Kind, number: float) -> bool:
    """Not a count, and not a flag."""
    if kind in WORDS:
        return False
    return number not in (0, 1) if kind is Kind.SECRET else abs(number) >= SMALL


def _ends(number: float, digits: bytes) -> bool:
    return number == int(number) and str(abs(int(number))).encode().endswith(digits)


def _kept_text(manner: Meaning, value: str, own: OwnDetails | None, person: Context, result: Judged) -> str:
    if value in PLACEHOLDERS or not value or value.isspace():
        return value
    if isinstance(manner, Kind):
        if _is_personal_text(manner, value):
            return _placed(manner, result)
        manner = Manner.OPEN
    if _is_date(value):
        return _remembered(manner, value)
    look = _look(manner, value, own)
    redaction = redact(value, context=person, look=look)
    if redaction.text == value and own is None and look in LOOKS.values():
        return _remembered(manner, value)
    return _told(redaction, value, result)


def _remembered(manner: Meaning, value: str) -> str:
    """Nothing was found in it, whoever it is about."""
    clean = _clean.get(manner)
    if clean is not None and len(value) <= REMEMBERED:
        if len(clean) >= MANY:
            clean.clear()
        clean.add(value)
    return value


def _told(redaction: Redaction, value: str, result: Judged) -> str:
    result.kinds.update(redaction.kinds)
    if redaction.reason is not None:
        result.reasons.append(redaction.reason)
    return value if redaction.text == value else redaction.text


def _look(manner: Manner, value: str, own: OwnDetails | None) -> Look:
    """How to read the value: as a message, as something said, or as one that stands alone."""
    if manner is Manner.REMARK:
        return detect
    if _is_speech(value, SENTENCE if manner is Manner.OPEN else SPEECH):
        return SPOKEN
    return LOOKS[manner] if own is None else _personal_look(manner, own)


def _personal_look(manner: Manner, own: OwnDetails) -> Look:
    def look(message: Message, context: Context, tick: Tick) -> list[Span]:
        found = FINDERS[manner](message)
        return settle(message, [*own.spans(message, names=manner is Manner.OPEN), *found])

    return look


def _open(message: Message, context: Context, tick: Tick) -> list[Span]:
    return settle(message, short_values.open_values(message))


def _closed(message: Message, context: Context, tick: Tick) -> list[Span]:
    return settle(message, short_values.closed_values(message))


LOOKS: dict[Manner, Look] = {Manner.OPEN: _open, Manner.CLOSED: _closed}


def _is_speech(value: str, words: int) -> bool:
    """So many words, or more than a line."""
    if "\n" in value:
        return True
    return value.count(" ") >= words - 1 and sum(not word.isdecimal() for word in value.split()) >= words


def _is_date(value: str) -> bool:
    """2026-11-23, 2026-11-23T09:30:00Z."""
    if value[4:5] != "-" or value[7:8] != "-":
        return False
    try:
        return datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def _is_personal_text(kind: Kind, value: str) -> bool:
    """It can be what its name says: more than whether there is one."""
    data = normalise(value).data.lower().strip()
    if data in PRESENCE:
        return False
    if kind in WITHOUT_DIGITS:
        opened = kind is Kind.EMAIL and lexicon.classes().get(data) is Word.ORDINARY
        return not opened
    return any(48 <= byte <= 57 for byte in data) or (kind is Kind.IP and data.count(b":") > 1)
