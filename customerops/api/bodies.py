"""Reads the bodies of /v1/leads and /v1/predict: closed keys, plain values, and for each fault a pointer.

Plain Python instead of serializers: this runs for every score, and for each of a thousand leads in a batch.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from leads import attributes
from leads.attributes import Fault, Value, escape
from leads.services import NewLead

LONGEST_NAME = 200
LONGEST_SOURCE = 100
LONGEST_ID = 200
LONGEST_CONTACT = 254
CLOCK_SKEW = timedelta(minutes=5)
LONGEST_MATURITY = timedelta(days=3650)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
PHONE = re.compile(r"\+?[0-9 ()./-]{4,40}")

LEAD_KEYS = frozenset(
    ("external_id", "source", "attributes", "contact", "timezone", "created_at", "matures_at")
)
PREDICT_KEYS = frozenset(("attributes", "source", "created_at"))
CONTACT_KEYS = frozenset(("name", "email", "phone"))


class RefusedError(Exception):
    """The body does not fit."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Question:
    """What /v1/predict is asked about."""

    attributes: dict[str, Value]
    source: str
    created_at: datetime


def question(body: object, *, now: datetime) -> Question:
    """The body of /v1/predict, or RefusedError."""
    faults: list[Fault] = []
    fields = _object(body, PREDICT_KEYS, faults, "")
    read = Question(
        attributes=_attributes(fields, faults, ""),
        source=_text(fields, "source", LONGEST_SOURCE, faults, "") or "",
        created_at=_created_at(fields, faults, "", now),
    )
    if faults:
        raise RefusedError(faults)
    return read


def new_lead(body: object, *, now: datetime, at: str = "") -> NewLead:
    """One lead of a body, or RefusedError; `at` is the pointer to it."""
    faults: list[Fault] = []
    fields = _object(body, LEAD_KEYS, faults, at)
    created_at = _created_at(fields, faults, at, now)
    read = NewLead(
        external_id=_external_id(fields, faults, at),
        source=_text(fields, "source", LONGEST_SOURCE, faults, at) or "",
        attributes=_attributes(fields, faults, at),
        contact=_contact(fields, faults, at),
        timezone=_timezone(fields, faults, at),
        created_at=created_at,
        matures_at=_matures_at(fields, faults, at, created_at),
    )
    if faults:
        raise RefusedError(faults)
    return read


def _object(body: object, keys: frozenset[str], faults: list[Fault], at: str) -> Mapping[str, object]:
    if not isinstance(body, dict):
        raise RefusedError([Fault(at, "must be an object")])
    if not keys.issuperset(body):
        known = ", ".join(sorted(keys))
        faults.extend(
            Fault(f"{at}/{escape(_short(key))}", f"is not known here; known are {known}")
            for key in body
            if key not in keys
        )
    return body


def _short(key: str) -> str:
    return key if len(key) <= LONGEST_NAME else key[:LONGEST_NAME] + "…"


def _attributes(fields: Mapping[str, object], faults: list[Fault], at: str) -> dict[str, Value]:
    given = fields.get("attributes")
    if given is None:
        return {}
    found = attributes.faults(given, at=f"{at}/attributes")
    if found or not isinstance(given, dict):
        faults.extend(found)
        return {}
    return given


def _wrong_text(value: str, longest: int) -> str | None:
    if len(value) > longest:
        return f"is longer than {longest} characters"
    return "must not contain the character NUL" if "\0" in value else None  # Postgres cannot store it


def _text(fields: Mapping[str, object], key: str, longest: int, faults: list[Fault], at: str) -> str | None:
    value = fields.get(key)
    if value is None:
        return None
    wrong = _wrong_text(value, longest) if isinstance(value, str) else "must be text"
    if wrong:
        faults.append(Fault(f"{at}/{key}", wrong))
        return None
    return str(value)


def _external_id(fields: Mapping[str, object], faults: list[Fault], at: str) -> str | None:
    value = _text(fields, "external_id", LONGEST_ID, faults, at)
    if value is not None and not value.strip():
        faults.append(Fault(f"{at}/external_id", "must not be empty; leave it out instead"))
    return value


def _timezone(fields: Mapping[str, object], faults: list[Fault], at: str) -> str:
    value = _text(fields, "timezone", LONGEST_SOURCE, faults, at)
    if value is None or value == "UTC":
        return "UTC"
    if value not in _timezones():
        faults.append(Fault(f"{at}/timezone", "is not a known time zone, such as Europe/Lisbon"))
    return value


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _contact(fields: Mapping[str, object], faults: list[Fault], at: str) -> dict[str, str] | None:
    given = fields.get("contact")
    if given is None:
        return None
    here = f"{at}/contact"
    if not isinstance(given, dict):
        faults.append(Fault(here, "must be an object"))
        return None
    parts = _object(given, CONTACT_KEYS, faults, here)
    contact = {key: text for key in parts if (text := _contact_part(parts, key, faults, here))}
    return contact or None


def _contact_part(parts: Mapping[str, object], key: str, faults: list[Fault], at: str) -> str | None:
    text = _text(parts, key, LONGEST_CONTACT, faults, at)
    if not text or key not in CONTACT_KEYS:
        return None
    if key == "email" and not EMAIL.fullmatch(text):
        faults.append(Fault(f"{at}/email", "is not an e-mail address"))
    if key == "phone" and not PHONE.fullmatch(text):
        faults.append(Fault(f"{at}/phone", "is not a telephone number"))
    return text


def _created_at(fields: Mapping[str, object], faults: list[Fault], at: str, now: datetime) -> datetime:
    moment = _moment(fields, "created_at", faults, at)
    if moment is None:
        return now
    if moment > now + CLOCK_SKEW:
        faults.append(Fault(f"{at}/created_at", "is in the future"))
    elif moment < EARLIEST:
        faults.append(Fault(f"{at}/created_at", "is before 1970"))
    return moment


def _matures_at(
    fields: Mapping[str, object], faults: list[Fault], at: str, created_at: datetime
) -> datetime | None:
    moment = _moment(fields, "matures_at", faults, at)
    if moment is None:
        return None
    if moment < created_at:
        faults.append(Fault(f"{at}/matures_at", "is before created_at"))
    elif moment - created_at > LONGEST_MATURITY:
        faults.append(
            Fault(f"{at}/matures_at", f"is more than {LONGEST_MATURITY.days:,} days after created_at")
        )
    return moment


def _moment(fields: Mapping[str, object], key: str, faults: list[Fault], at: str) -> datetime | None:
    """An ISO 8601 date or moment; without an offset it is UTC."""
    value = fields.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    faults.append(Fault(f"{at}/{key}", "must be an ISO 8601 moment, such as 2026-11-23T09:30:00Z"))
    return None
