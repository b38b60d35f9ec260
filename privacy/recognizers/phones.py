"""Is a run of digits a telephone number? Plain forms at a glance, the rest by libphonenumber's metadata."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException

from privacy.patterns import pattern

# International, North American and Indian mobile forms need no metadata to be believed.
PLAIN = pattern(
    rb"(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}|\+\d[\d .()/-]{6,20}\d"
    rb"|[2-9]\d{2}[2-9]\d{6}|[6-9]\d{9}|0[1-9]\d{3}[ -]\d{5,6}"
)
REGIONS = ("US", "GB", "IN", "DE")
LONGEST = 24  # characters; a longer run is no number to dial


@lru_cache(maxsize=2048)
def is_phone(text: str, region: str) -> bool:
    """It can be dialled in the region, or in one of the large ones."""
    if len(text) > LONGEST:
        return False
    if PLAIN.fullmatch(text.encode("latin-1")) is not None:
        return True
    return any(dials(text, country) for country in dict.fromkeys((region, *REGIONS)))


@lru_cache(maxsize=2048)
def dials(text: str, region: str) -> bool:
    """libphonenumber takes it for a number of that region."""
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, region)))
    except NumberParseException:
        return False
