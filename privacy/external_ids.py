"""Which ids cannot be kept as they are. An id has to be found again, so it is refused, never replaced."""

import unicodedata

FEWEST, MOST = 7, 15  # digits of a telephone number with its country (E.164)
JOINTS = frozenset(" ().-/")


def fault(external_id: str) -> str:
    """What is wrong with the id, to be read behind its name; empty when it may be kept."""
    plain = unicodedata.normalize("NFKC", external_id).strip().lower().replace("%40", "@").replace("%2b", "+")
    if _is_email(plain):
        return "must not be an e-mail address: ids are kept as they are; send a number or code of your own"
    if _is_phone(plain):
        return "must not be a telephone number: ids are kept as they are; send a number or code of your own"
    return ""


def _is_email(text: str) -> bool:
    """Anything with a name before an @ and a domain with a dot behind it."""
    before, at, behind = text.rpartition("@")
    return bool(at and before[-1:].strip() and "." in behind.strip(".") and behind[:1].isalnum())


def _is_phone(text: str) -> bool:
    """+49 731 1234, tel:+497311234, (415) 555-0134. Digits alone are an id."""
    number = text.removeprefix("tel:")
    if not (number.startswith(("+", "(")) or number != text):
        return False
    digits = sum(character.isdecimal() for character in number)
    others = {character for character in number.lstrip("+") if not character.isdecimal()}
    return FEWEST <= digits <= MOST and others <= JOINTS
