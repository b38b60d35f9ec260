"""What a lead's attributes may be: a flat object of numbers, strings, booleans and nulls. Pure."""

from dataclasses import dataclass

MAX_ATTRIBUTES = 200
MAX_NAME = 200
MAX_TEXT = 1000
MAX_WHOLE = 2**63 - 1
RESERVED = ("lead.", "message.")
SOURCE = "lead.source"  # what a lead's source is called beside its attributes
Value = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and the JSON pointer (RFC 6901) to it."""

    pointer: str
    detail: str


def faults(attributes: object, *, at: str = "/attributes") -> list[Fault]:
    """Everything that is wrong with the attributes found at pointer `at`; empty when they may be stored."""
    if not isinstance(attributes, dict):
        return [Fault(at, "must be an object of names and values")]
    if len(attributes) > MAX_ATTRIBUTES:
        return [Fault(at, f"has {len(attributes):,} attributes; a lead may have {MAX_ATTRIBUTES}")]
    found = []
    for name, value in attributes.items():
        if detail := _name_fault(name) or _value_fault(value):
            found.append(Fault(f"{at}/{escape(name)}", detail))
    return found


def escape(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _name_fault(name: str) -> str:
    if not name or len(name) > MAX_NAME:
        return f"the name of an attribute has 1 to {MAX_NAME} characters"
    if name.startswith(RESERVED):
        return f"names that start with {' or '.join(RESERVED)} are reserved"
    return "the name holds a NUL character" if "\0" in name else ""


def _value_fault(value: object) -> str:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            return f"holds {len(value):,} characters; a value may have {MAX_TEXT:,}"
        return "holds a NUL character" if "\0" in value else ""
    if isinstance(value, float):
        return "" if -1e308 < value < 1e308 else "is not a finite number"
    if isinstance(value, int):
        return "" if -MAX_WHOLE <= value <= MAX_WHOLE else "is a whole number beyond 64 bits"
    return "" if value is None else "must be a number, a string, true, false or null"
