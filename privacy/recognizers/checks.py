"""Check digits: Luhn, mod 97, and the national numbers that python-stdnum can check."""

from collections.abc import Callable
from typing import cast

from stdnum import get_cc_module, luhn
from stdnum.iban import is_valid as is_iban

from privacy.patterns import pattern

SSN = pattern(rb"\d{3}[-. ]\d{2}[-. ]\d{4}")
# First digits of payment networks; the rest is Luhn (ISO/IEC 7812).
CARD_STARTS = tuple("2345689")
# SWIFT's IBAN registry: characters by country.
IBAN_LENGTHS = {
    entry[:2]: int(entry[2:])
    for entry in [
        "AD24",
        "AE23",
        "AL28",
        "AT20",
        "AZ28",
        "BA20",
        "BE16",
        "BG22",
        "BH22",
        "BI27",
        "BR29",
        "BY28",
        "CH21",
        "CR22",
        "CY28",
        "CZ24",
        "DE22",
        "DJ27",
        "DK18",
        "DO28",
        "EE20",
        "EG29",
        "ES24",
        "FI18",
        "FK18",
        "FO18",
        "FR27",
        "GB22",
        "GE22",
        "GI23",
        "GL18",
        "GR27",
        "GT28",
        "HR21",
        "HU28",
        "IE22",
        "IL23",
        "IQ23",
        "IS26",
        "IT27",
        "JO30",
        "KW30",
        "KZ20",
        "LB28",
        "LC32",
        "LI21",
        "LT20",
        "LU20",
        "LV21",
        "LY25",
        "MC27",
        "MD24",
        "ME22",
        "MK19",
        "MN20",
        "MR27",
        "MT31",
        "MU30",
        "NI28",
        "NL18",
        "NO15",
        "OM23",
        "PK24",
        "PL28",
        "PS29",
        "PT25",
        "QA29",
        "RO24",
        "RS22",
        "RU33",
        "SA24",
        "SC31",
        "SD18",
        "SE24",
        "SI19",
        "SK24",
        "SM27",
        "SO23",
        "ST25",
        "SV28",
        "TL23",
        "TN24",
        "TR26",
        "UA29",
        "VA22",
        "VG24",
        "XK20",
        "YE30",
    ]
}


def _check(name: str) -> Callable[[str], bool]:
    """python-stdnum's check of one country's number, such as "us.ssn"."""
    country, _, number = name.partition(".")
    module = get_cc_module(country, number)
    if module is None:
        raise LookupError(name)
    return cast(Callable[[str], bool], module.is_valid)


def _checks(names: str) -> tuple[Callable[[str], bool], ...]:
    return tuple(_check(name) for name in names.split())


# Not cn.ric: python-stdnum 2.2 raises KeyError for some numbers there; eighteen digits go anyway.
BY_DIGITS = {
    9: _checks("us.ssn ca.sin nl.bsn au.tfn"),
    10: _checks("gb.nhs dk.cpr se.personnummer"),
    11: _checks("br.cpf de.idnr pl.pesel no.fodselsnummer be.nn"),
    12: _checks("in.aadhaar se.personnummer"),
    13: _checks("ch.ssn fr.nir"),
    15: _checks("fr.nir"),
}
BY_FORM = _checks("es.dni es.nie ie.pps fi.hetu it.codicefiscale in.pan mx.curp")


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
    """Bytes from the start that are a valid IBAN; 0 for none. A greedy match may hold words behind it."""
    length = IBAN_LENGTHS.get(text[:2].upper().decode("latin-1"), 0)
    compact, end = "", 0
    for position, byte in enumerate(text):
        if byte not in b" -" and len(compact) < length:
            compact += chr(byte)
            end = position + 1
    return end if length and len(compact) == length and is_iban(compact) else 0
