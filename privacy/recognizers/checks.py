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
# SWIFT's IBAN registry: characters by country.
IBAN_LENGTHS = {
    entry[:2]: int(entry[2:])
    for entry in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 "
        "GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 "
        "NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
    ).split()
}
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
    length = IBAN_LENGTHS.get(text[:2].upper().decode("latin-1"), 0)
    compact, end = "", 0
    for position, byte in enumerate(text):
        if byte not in b" -" and len(compact) < length:
            compact += chr(byte)
            end = position + 1
    return end if length and len(compact) == length and is_iban(compact) else 0
