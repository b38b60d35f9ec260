"""What a message can tell about its lead: plain values, and of the contact only the name."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from privacy.kinds import PLACEHOLDERS

_OTHER = re.compile(r"\W")
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "madam", "herr", "frau"})
_TITLES |= {"señor", "señora", "sr", "sra", "srta", "monsieur", "madame", "m", "mme", "mlle"}


class Telling(Protocol):
    """What a lead tells: its model does, and whatever reads the same."""

    @property
    def external_id(self) -> str | None: ...
    @property
    def source(self) -> str: ...
    @property
    def grade(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, object]: ...


def values_of(
    lead: Telling, contact: Mapping[str, str] | None, unsubscribe_url: str, policy: str, step: int
) -> dict[str, Any]:
    """The values that a template of this step may use. What a lead lacks is empty."""
    name = (contact or {}).get("name", "")
    return {
        "name": name,
        "first_name": first_name(name),
        "source": lead.source,
        "external_id": lead.external_id or "",
        "grade": lead.grade,
        "policy": policy,
        "step": step,
        "unsubscribe_url": unsubscribe_url,
        "attributes": {written(key): _told(value) for key, value in lead.attributes.items()},
    }


def first_name(name: str) -> str:
    """`Ada` of "Dr. Ada Lovelace" and of "Lovelace, Ada"; empty when only a title and a surname are known."""
    last, comma, first = name.partition(",")
    words = (first if comma and first.strip() else last).split()
    untitled = [word for word in words if word.casefold().rstrip(".") not in _TITLES]
    if len(untitled) == 1 and len(words) > 1 and not comma:
        return ""  # "Mr Miller"
    return untitled[0] if untitled else ""


def written(attribute: str) -> str:
    """An attribute's name as a template writes it: `lead time` is `lead_time`."""
    return _OTHER.sub("_", attribute).lstrip("_")


def _told(value: object) -> object:
    """What was replaced because it is personal is not there."""
    if isinstance(value, str) and any(holder in value for holder in PLACEHOLDERS):
        return ""
    return value
