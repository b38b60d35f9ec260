"""Which ids cannot be kept as they are. An id has to be found again, so it is refused, never replaced."""

import unicodedata

from privacy.patterns import pattern

FEWEST, MOST = 7, 15  # digits of a telephone number with its country (E.164)
JOINTS = frozenset(" ().-/")
NORTH_AMERICAN = pattern(rb"(?:1[-. ])?[2-9][0-9]{2}[-. ][2-9][0-9]{2}[-. ][0-9]{4}")
SOCIAL_SECURITY = pattern(rb"[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}")
CARD = pattern(rb"[2-6][0-9]{3}(?:[- ][0-9]{3,7}){2,4}")
INSTEAD = "ids are kept as they are; send a number or code of your own"


def fault(external_id: str) -> str:
    """What is wrong with the id, to be read behind its name; empty when it may be kept."""
    plain = unicodedata.normalize("NFKC", external_id).strip().lower().replace("%40", "@").replace("%2b", "+")
    return next((f"must not be {what}: {INSTEAD}" for what, is_it in REFUSED if is_it(plain)), "")


def _bytes(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _is_email(text: str) -> bool:
    """Anything with a name before an @ and a domain with a dot behind it."""
    before, at, behind = text.rpartition("@")
    return bool(at and before[-1:].strip() and "." in behind.strip(".") and behind[:1].isalnum())


def _is_phone(text: str) -> bool:
    """+49 731 1234, tel:+497311234, (415) 555-0134. Digits alone are an id."""
    number = text.removeprefix("tel:")
    if NORTH_AMERICAN.fullmatch(_bytes(number)):
        return True
    if not (number.startswith(("+", "(")) or number != text):
        return False
    digits = sum(character.isdecimal() for character in number)
    others = {character for character in number.lstrip("+") if not character.isdecimal()}
    return FEWEST <= digits <= MOST and others <= JOINTS


def _is_card(text: str) -> bool:
    """In groups, as it is printed, and with the right check digit (Luhn)."""
    if not CARD.fullmatch(_bytes(text)):
        return False
    digits = [int(character) for character in reversed(text) if character.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_social_security_number(text: str) -> bool:
    return SOCIAL_SECURITY.fullmatch(_bytes(text)) is not None


REFUSED = (
    ("an e-mail address", _is_email),
    ("a telephone number", _is_phone),
    ("a card number", _is_card),
    ("a social security number", _is_social_security_number),
)
