"""Reads the bodies of /v1/leads and /v1/predict: closed keys, plain values, and for each fault a pointer.

Plain Python instead of serializers: this runs for every score, and for each of a thousand leads in a batch.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from customerops.api import messages
from customerops.api.fields import (
    LONGEST_ID,
    RefusedError,
    moment_of,
    object_of,
    sent_moment,
    text_of,
)
from leads import attributes
from leads.attributes import Fault, Value
from leads.services import NewLead
from privacy import external_ids

LONGEST_SOURCE = 100
LONGEST_CONTACT = 254
LONGEST_MATURITY = timedelta(days=3650)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
PHONE = re.compile(r"\+?[0-9 ()./-]{4,40}")

LEAD_KEYS = frozenset(
    (
        "external_id",
        "source",
        "attributes",
        "contact",
        "timezone",
        "created_at",
        "matures_at",
        "message",
        "messages",
    )
)
PREDICT_KEYS = frozenset(("attributes", "source", "created_at"))
CONTACT_KEYS = frozenset(("name", "email", "phone"))


@dataclass(frozen=True, slots=True)
class Question:
    """What /v1/predict is asked about."""

    attributes: dict[str, Value]
    source: str
    created_at: datetime


def question(body: object, *, now: datetime) -> Question:
    """The body of /v1/predict, or RefusedError."""
    faults: list[Fault] = []
    fields = object_of(body, PREDICT_KEYS, faults, "")
    read = Question(
        attributes=_attributes(fields, faults, ""),
        source=text_of(fields, "source", LONGEST_SOURCE, faults, "") or "",
        created_at=sent_moment(fields, "created_at", faults, "", now) or now,
    )
    if faults:
        raise RefusedError(faults)
    return read


def new_lead(body: object, *, now: datetime, at: str = "") -> NewLead:
    """One lead of a body, or RefusedError; `at` is the pointer to it."""
    faults: list[Fault] = []
    fields = object_of(body, LEAD_KEYS, faults, at)
    created_at = sent_moment(fields, "created_at", faults, at, now) or now
    read = NewLead(
        external_id=_external_id(fields, faults, at),
        source=text_of(fields, "source", LONGEST_SOURCE, faults, at) or "",
        attributes=_attributes(fields, faults, at),
        contact=_contact(fields, faults, at),
        timezone=_timezone(fields, faults, at),
        created_at=created_at,
        matures_at=_matures_at(fields, faults, at, created_at),
        messages=messages.of_lead(fields, faults, at, now),
    )
    if faults:
        raise RefusedError(faults)
    return read


def _attributes(fields: Mapping[str, object], faults: list[Fault], at: str) -> dict[str, Value]:
    given = fields.get("attributes")
    if given is None:
        return {}
    found = attributes.faults(given, at=f"{at}/attributes")
    if found or not isinstance(given, dict):
        faults.extend(found)
        return {}
    return given


def _external_id(fields: Mapping[str, object], faults: list[Fault], at: str) -> str | None:
    value = text_of(fields, "external_id", LONGEST_ID, faults, at)
    if value is not None and not value.strip():
        faults.append(Fault(f"{at}/external_id", "must not be empty; leave it out instead"))
    elif value is not None and (wrong := external_ids.fault(value)):
        faults.append(Fault(f"{at}/external_id", wrong))
    return value


def _timezone(fields: Mapping[str, object], faults: list[Fault], at: str) -> str:
    value = text_of(fields, "timezone", LONGEST_SOURCE, faults, at)
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
    parts = object_of(given, CONTACT_KEYS, faults, here)
    contact = {key: text for key in parts if (text := _contact_part(parts, key, faults, here))}
    return contact or None


def _contact_part(parts: Mapping[str, object], key: str, faults: list[Fault], at: str) -> str | None:
    text = text_of(parts, key, LONGEST_CONTACT, faults, at)
    if not text or key not in CONTACT_KEYS:
        return None
    if key == "email" and not EMAIL.fullmatch(text):
        faults.append(Fault(f"{at}/email", "is not an e-mail address"))
    if key == "phone" and not PHONE.fullmatch(text):
        faults.append(Fault(f"{at}/phone", "is not a telephone number"))
    return text


def _matures_at(
    fields: Mapping[str, object], faults: list[Fault], at: str, created_at: datetime
) -> datetime | None:
    moment = moment_of(fields, "matures_at", faults, at)
    if moment is None:
        return None
    if moment < created_at:
        faults.append(Fault(f"{at}/matures_at", "is before created_at"))
    elif moment - created_at > LONGEST_MATURITY:
        faults.append(
            Fault(f"{at}/matures_at", f"is more than {LONGEST_MATURITY.days:,} days after created_at")
        )
    return moment
