"""A made-up person whose every detail is unique, so that one of them anywhere is a leak. Pure."""

import re
from dataclasses import dataclass
from random import Random

_ONSETS = ("Br", "Dr", "Kl", "Kv", "Pl", "Skr", "Tr", "Vl", "Zh", "Gw")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ou")
_ENDS = ("ndrik", "lquist", "rvath", "sbeck", "mquill", "ntweel", "rkaas", "zmore")
_AREAS = (202, 212, 303, 312, 404, 415, 503, 512, 602, 617, 702, 713, 808, 907)
_DIGITS = re.compile("[0-9]+")


@dataclass(frozen=True, slots=True)
class Canary:
    """Nobody's details. The phone is of the range kept for fiction, card and IBAN are of no bank."""

    name: str
    email: str
    phone: str
    card: str
    iban: str
    street: str
    secret: str

    @property
    def contact(self) -> dict[str, str]:
        """As a lead's contact."""
        return {"name": self.name, "email": self.email, "phone": self.phone}

    @property
    def texts(self) -> tuple[str, ...]:
        """What the person says, in several messages."""
        return (
            f"Hi, this is {self.name}. How much is it? Call {self.phone} or write to {self.email}.",
            f"I live at {self.street}, my card is {self.card} and the account {self.iban}.",
            f"my password is {self.secret}, {self.name.upper()}",
        )

    @property
    def words(self) -> tuple[str, ...]:
        """Found wherever one stands in a text, in any case."""
        surname = self.name.split()[1]
        return (
            surname.lower(),
            self.email.partition("@")[0],
            self.street.split()[1].lower(),
            self.secret.lower(),
        )

    @property
    def digits(self) -> tuple[str, ...]:
        """Found wherever one stands among the digits of a text, whatever is between them."""
        national = self.phone.removeprefix("+1")
        return tuple("".join(_DIGITS.findall(value)) for value in (national, self.card, self.iban[4:]))


def made_up(draw: Random) -> Canary:
    """One that never was before."""
    surname = _word(draw) + draw.choice(_ENDS)
    token = "".join(draw.choices("abcdefghjkmnpqrstuvwxyz", k=12))
    return Canary(
        name=f"{_word(draw)} {surname}",
        email=f"{token}@example.com",
        phone=f"+1 {draw.choice(_AREAS)} 555 01{draw.randrange(100):02d}",
        card=_card(draw),
        iban=_iban(draw),
        street=f"{draw.randrange(1, 300)} {_word(draw)}{draw.choice(_ENDS)} Street",
        secret="".join(draw.choices("BCDFGHJKLMNPQRSTVWXZ23456789", k=14)),
    )


def is_spotted(canary: Canary, text: str) -> bool:
    """Whether any detail of the person stands in the text."""
    lowered = text.lower()
    if any(word in lowered for word in canary.words):
        return True
    digits = "".join(_DIGITS.findall(text))
    return any(number in digits for number in canary.digits)


def _word(draw: Random) -> str:
    return draw.choice(_ONSETS) + draw.choice(_VOWELS) + draw.choice("bdgklmnprstvz") + draw.choice(_VOWELS)


def _card(draw: Random) -> str:
    """Of an issuer that does not exist; its check digit is right (ISO/IEC 7812-1)."""
    body = "400000" + "".join(draw.choices("0123456789", k=9))
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(body)]
    check = -sum(value // 10 + value % 10 for value in doubled) % 10
    number = f"{body}{check}"
    return " ".join(number[start : start + 4] for start in range(0, 16, 4))


def _iban(draw: Random) -> str:
    """Of a bank that does not exist; its check digits are right (ISO 13616)."""
    account = "00000000" + "".join(draw.choices("123456789", k=10))
    check = 98 - int(account + "131400") % 97  # D is 13, E is 14
    return f"DE{check:02d}{account}"
