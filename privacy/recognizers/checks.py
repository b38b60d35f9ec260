"""Check digits: Luhn, mod 97, and the national numbers that python-stdnum can check."""

from collections.abc import Callable

from stdnum import luhn
from stdnum.au import tfn
from stdnum.be import nn as be_nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ch_ssn
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.iban import is_valid as is_iban
from stdnum.ie import pps
from stdnum.in_ import aadhaar, pan
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import ssn

from privacy.patterns import pattern

SSN = pattern(rb"\d{3}[-. ]\d{2}[-. ]\d{4}")
# First digits of payment networks; the rest is Luhn (ISO/IEC 7812).
CARD_STARTS = tuple("2345689")
BY_DIGITS: dict[int, tuple[Callable[[str], bool], ...]] = {
    9: (ssn.is_valid, sin.is_valid, bsn.is_valid, tfn.is_valid),
    10: (nhs.is_valid, cpr.is_valid, personnummer.is_valid),
    11: (cpf.is_valid, idnr.is_valid, pesel.is_valid, fodselsnummer.is_valid, be_nn.is_valid),
    12: (aadhaar.is_valid, personnummer.is_valid),
    13: (ch_ssn.is_valid, nir.is_valid),
    15: (nir.is_valid,),
    18: (ric.is_valid,),
}
BY_FORM: tuple[Callable[[str], bool], ...] = (
    dni.is_valid,
    nie.is_valid,
    pps.is_valid,
    hetu.is_valid,
    codicefiscale.is_valid,
    pan.is_valid,
    curp.is_valid,
    ric.is_valid,
)


def card(digits: str) -> bool:
    """Thirteen to nineteen digits of a payment card."""
    return digits[0] in CARD_STARTS and luhn.is_valid(digits)


def formatted_ssn(text: bytes) -> bool:
    """Three, two and four digits, whoever issued them."""
    return SSN.fullmatch(text) is not None


def national_id(digits: str) -> bool:
    """Some country's check digits fit."""
    return any(check(digits) for check in BY_DIGITS.get(len(digits), ()))


def lettered_id(text: str) -> bool:
    """A national number with letters in it."""
    return any(check(text) for check in BY_FORM)


def iban_length(text: bytes) -> int:
    """Bytes from the start that are a valid IBAN; 0 for none. A greedy match can have taken words behind it."""
    compact, ends = "", []
    for position, byte in enumerate(text):
        if byte not in b" -":
            compact += chr(byte)
            ends.append(position + 1)
    for count in range(min(34, len(compact)), 14, -1):
        if is_iban(compact[:count]):
            return ends[count - 1]
    return 0
