"""What is known beforehand makes a bare answer personal; numbers split over messages are found."""

import pytest

from privacy.context import Context, asked_kinds
from privacy.kinds import Kind
from privacy.redaction import redact, redact_thread

ADA = Context(known_name="Ada Byron", known_email="ada@analytical.example", known_phone="+44 7700 900461")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("it's ADA again", "it's [PERSON] again"),
        ("byron, ada", "[PERSON], [PERSON]"),
        ("write ada@analytical.example or just ada", "write [EMAIL] or just [PERSON]"),
        ("07700 900 461", "[PHONE]"),
        ("it ends in 0461", "it ends in [PHONE]"),
        ("we like canada", "we like canada"),
    ],
)
def test_it_knows_the_person(text, safe):
    assert redact(text, context=ADA).text == safe


@pytest.mark.parametrize(
    ("question", "text", "safe"),
    [
        ("May I have your name, please?", "Chewie", "[PERSON]"),
        ("Could you tell me your zip code?", "it's 605", "it's [POSTCODE]"),
        ("What is your PIN?", "I think 1596", "I think [SECRET]"),
        ("What was your mother's maiden name?", "Miller", "[SECRET]"),
        ("Could you provide your date of birth, please?", "04/16/82", "[BIRTH_DATE]"),
        ("And your address?", "Rosewood 9 behind the church", "[ADDRESS]"),
        ("May I have your name, please?", "Why do you need it?", "Why do you need it?"),
        ("How many guests?", "25", "25"),
        ("Anything else?", "no thanks", "no thanks"),
    ],
)
def test_it_hears_the_question(question, text, safe):
    assert redact(text, context=Context(asked=question)).text == safe


def test_it_understands_what_is_asked():
    assert asked_kinds("I'll just need your full name, account number and PIN") == {
        Kind.PERSON,
        Kind.ACCOUNT,
        Kind.SECRET,
    }
    assert asked_kinds("Your account was opened last week and all is well with it") == frozenset()


def test_it_joins_numbers_over_messages():
    thread = redact_thread(["my card is 4111 1111", "1111", "1111 ok?", "we are 4", "at 7"])
    assert [each.text for each in thread] == [
        "my card is [NUMBER]",
        "[NUMBER]",
        "[NUMBER] ok?",
        "we are 4",
        "at 7",
    ]


def test_it_joins_single_digits():
    digits = list("5551234")
    assert all(each.text == "[NUMBER]" for each in redact_thread(digits))


def test_it_withholds_only_the_long_message_of_a_thread():
    thread = redact_thread(["a" * 20, "John"], longest=10)
    assert [each.text for each in thread] == ["[WITHHELD]", "[PERSON]"]
