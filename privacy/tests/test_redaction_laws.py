# ruff: noqa: RUF001 - look-alike characters are what this file is about
"""redact() on any text: twice is once, nothing found is left, offsets are right, skipping hides nothing."""

import random
import string
import time
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from privacy import chatter
from privacy.context import Context
from privacy.detection import detect
from privacy.kinds import LONGEST, PLACEHOLDERS, WITHHELD, Reason
from privacy.normalization import normalise
from privacy.redaction import redact

ALPHABET = (
    string.ascii_letters + string.digits + " .,;:@-/+()#'\"_&%\\[]<>=\n\t$" + "éßЖжΩ５٣\u200b\u0301‑＠。’ªa"
)
PIECES = st.sampled_from(
    [
        "john",
        "Grace",
        "Smith",
        "my name is ",
        "call me ",
        "Mr. ",
        "hope",
        "will",
        "at ",
        " dot ",
        "com",
        "gmailcom",
        "@",
        "x.com",
        "4111 1111 1111 1111",
        "5551234567",
        "555-123-4567",
        "ssn ",
        "pin is ",
        "1596",
        "536-90-4399",
        "street",
        " road ",
        "12 ",
        "via ",
        "GB82WEST12345698765432",
        "::1",
        "10.0.0.1",
        "password: ",
        "hunter2",
        "http://u:p@h/x",
        "[EMAIL]",
        "[PERSON]",
        "[NUMBER] ",
        "data:",
        "base64,",
        "%40",
        "&#64;",
        "\\u0040",
        " is my name",
        "dob ",
        "1/2/1980",
        "AB12CDE3456",
        "SW1A 1AA",
        ", ",
        ". ",
        "\n",
        " and ",
        "'s",
        "mother's maiden name is ",
        "Suite 5 ",
        "username ",
        "five five five one ",
    ]
)
MIXED = st.lists(st.one_of(PIECES, st.text(ALPHABET, max_size=6)), max_size=12).map("".join)
CONTEXTS = st.sampled_from(
    [
        Context(),
        Context(known_name="Grace Hope", known_email="grace@x.com", known_phone="555 123 4567"),
        Context(asked="May I have your name, please?"),
        Context(asked="What is your zip code and your PIN?"),
        Context(asked="What was your mother's maiden name?"),
        Context(asked="Could you give me your address and date of birth?"),
    ]
)


EVERYTHING = partial(detect, skip=False)


def same_but_spaces(text: str) -> str:
    """Letters and digits only, folded."""
    return bytes(byte for byte in normalise(text).data.lower() if chr(byte).isalnum()).decode("latin-1")


@given(MIXED, CONTEXTS)
@settings(max_examples=400, deadline=None)
def test_it_changes_nothing_the_second_time(text, context):
    once = redact(text, context=context)
    assert once.reason is None
    assert redact(once.text, context=context).text == once.text


# found anew from before one placeholder to within another, which is longer than its value
@example(
    "call me call me 0:http://u:p@h/xhttp://u:p@h/xmy name is 536-90-4399",
    Context(asked="Could you give me your address and date of birth?"),
)
@given(MIXED, CONTEXTS)
@settings(max_examples=400, deadline=None)
def test_it_says_where_it_replaced_what(text, context):
    redaction = redact(text, context=context)
    rebuilt, at = [], 0
    for found in redaction.found:
        assert at <= found.start < found.end <= len(text)
        rebuilt += [text[at : found.start], found.kind.placeholder]
        at = found.end
    assert "".join([*rebuilt, text[at:]]) == redaction.text


@given(MIXED, CONTEXTS)
@settings(max_examples=400, deadline=None)
def test_it_hides_nothing_by_skipping(text, context):
    assert redact(text, context=context) == redact(text, context=context, look=EVERYTHING)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_it_takes_any_text(text):
    redaction = redact(text)
    assert redaction.reason is None
    assert redact(redaction.text).text == redaction.text


SECRETS = [
    "sarah.miller@example.com",
    "4111 1111 1111 1111",
    "(415) 555-0134",
    "536-90-4399",
    "Olumide Adeyemi",
]
WRITTEN = {
    "plain": str,
    "full-width": lambda value: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value),
    "zero-width": lambda value: "\u200b".join(value),
    "percent": lambda value: "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in value),
    "HTML": lambda value: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in value),
    "HTML, hexadecimal": lambda value: "".join(c if c.isalnum() else f"&#x{ord(c):x};" for c in value),
    "JSON": lambda value: "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in value),
    "percent, twice": lambda value: "".join(c if c.isalnum() else f"%25{ord(c):02X}" for c in value),
    "Arabic digits": lambda value: value.translate({ord(str(d)): chr(0x0660 + d) for d in range(10)}),
    "look-alike dashes": lambda value: value.replace("-", "\u2011").replace(".", "\u2024"),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("value", SECRETS)
def test_it_leaves_no_value_in_any_spelling(value, written):
    text = f"please note {WRITTEN[written](value)} for the booking, thanks"
    assert same_but_spaces(value) not in same_but_spaces(redact(text).text)
    assert redact(text).text.endswith(" for the booking, thanks")


@given(MIXED)
@settings(max_examples=300, deadline=None)
def test_it_leaves_no_found_word_elsewhere(text):
    redaction = redact(text)
    left = set(normalise(redaction.text).data.lower().replace(b"\x1f", b" ").split())
    for found in redaction.found:
        value = normalise(text[found.start : found.end]).data.lower().strip()
        if found.kind.value == "PERSON" and value.isalpha() and len(value) > 3:
            assert value not in left


def test_it_repeats_itself_on_a_name_that_is_also_a_word():
    assert (
        redact("my name is Hope. Write to Hope, please.").text
        == "my name is [PERSON]. Write to [PERSON], please."
    )


@pytest.mark.slow
def test_it_hides_nothing_by_skipping_on_many_messages():
    randomness = random.Random(11)
    for text in chatter.messages(3000, seed=5, personal=0.5):
        noisy = "".join(randomness.choice(ALPHABET) if randomness.random() < 0.03 else c for c in text)
        assert redact(noisy) == redact(noisy, look=EVERYTHING), noisy


def test_it_withholds_what_is_too_long():
    assert redact("a" * 11, longest=10).text == WITHHELD
    assert redact("a" * 11, longest=10).reason is Reason.OVERSIZE


def test_it_withholds_what_takes_too_long():
    assert redact("my name is John", seconds=0.0).reason is Reason.TIMEOUT


def test_it_withholds_what_it_fails_on(monkeypatch):
    def broken(text):
        raise ValueError(text)

    monkeypatch.setattr("privacy.redaction.normalise", broken)
    redaction = redact("my name is John")
    assert (redaction.text, redaction.reason, redaction.found) == (WITHHELD, Reason.ERROR, ())


def test_it_lets_placeholders_stand():
    text = " ".join(sorted(PLACEHOLDERS))
    assert redact(text).text == text
    assert (
        redact("[JOHN] [SMITH]").text == "[[PERSON]] [SMITH]" or "JOHN" not in redact("[JOHN] [SMITH]").text
    )


HOSTILE = {
    "digits": "4111 1111 1111 1111 ",
    "one word": "a",
    "at signs": "a@",
    "dots": "a.b@c.",
    "colons": "::1:",
    "names": "John Smith and ",
    "cues": "my name is my name is dob ",
    "addresses": "12 Old Mill Road, apt 5, ",
    "escapes": "%40&#64;\\u0040",
    "placeholders": "[PERSON] 12 ",
    "codes": "number account 5 ",
    "code cues": "number ",
    "capitals": "Xyzzy Quuxly ",
    "pets": "my pet ",
    "streets": "12 via st ",
    "spelled": "one two three four ",
    "brackets": "[(<{(at)",
    "wide": "５５５‑１２３ Ж",
    "dates": "1/1/1980 born ",
    "different names": None,
}


def hostile(shape: str, size: int) -> str:
    """Text of one shape."""
    if unit := HOSTILE[shape]:
        return (unit * (size // len(unit) + 1))[:size]
    randomness = random.Random(3)
    return " ".join(f"Mr. X{randomness.randrange(10**9):x}" for _ in range(size // 10))[:size]


def seconds(text: str) -> float:
    """Processor time; nothing may be withheld."""
    started = time.process_time()
    redaction = redact(text, longest=len(text), seconds=120)
    assert redaction.reason is None
    return time.process_time() - started


def takes_linear_time(shape: str, size: int) -> None:
    """Ten times the text takes about ten times as long."""
    seconds(hostile(shape, 2_000))
    small, large = seconds(hostile(shape, size // 10)), seconds(hostile(shape, size))
    assert large < 25 * small + 0.5, f"{small:.2f} s for a tenth, {large:.2f} s for {size}"


@pytest.mark.parametrize("shape", HOSTILE)
def test_it_takes_linear_time_on_hostile_text(shape):
    takes_linear_time(shape, LONGEST)


@pytest.mark.parametrize("shape", ["codes", "digits", "pets", "spelled"])
def test_it_takes_linear_time_on_a_megabyte_of_hostile_text(shape):
    takes_linear_time(shape, 1_000_000)


@pytest.mark.parametrize("text", ["Sarah met us. " * 7_000, "mail a@b.co, " * 7_600])
def test_a_text_that_grows_past_the_limit_with_its_placeholders_is_not_withheld_the_second_time(text):
    once = redact(text)
    assert len(text) <= LONGEST < len(once.text)
    assert redact(once.text).text == once.text


def test_a_text_that_would_grow_without_end_is_withheld_at_once():
    assert redact("a@b.co, " * 10, longest=10, seconds=5).reason is Reason.OVERSIZE
    assert redact("[EMAIL]" * 2 * LONGEST).reason is Reason.OVERSIZE
