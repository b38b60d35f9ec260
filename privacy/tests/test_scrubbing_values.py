"""What is judged personal in a value, and that everything else keeps its bytes."""

import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import chatter
from privacy.detection import detect
from privacy.kinds import LONGEST, WITHHELD
from privacy.redaction import redact
from privacy.scrubbing import jsontext, names
from privacy.scrubbing.plain import is_plain
from privacy.scrubbing.tally import Problem, shape
from privacy.scrubbing.values import Judge
from privacy.tests.test_redaction_laws import MIXED

EVERYBODY = partial(detect, skip=False)
SAFE = [
    b"",
    b"see you on Thursday then",
    b"[EMAIL] and [PERSON] said so",
    b'{"position":3,"role":"lead","at":"2026-11-23T15:30:00.123456Z","text":"see you","detector":1}',
    b'{ "a" : [1, 2.50, 1e5, true, null, 123456789012345678901234567890e-29],  "a": "twice" }',
    b'{"text":"caf\\u00e9 \\/ tea","at":"2026-11-23 15:30:00+02:00"}',
    b'{"expires": 1763912345, "ms": 1763912345678, "score": 0.123456789012}',
    b'{"lead_id":"019ab3d2-7f00-7000-8000-1234567890ab","id":"019ab3d2-7f00-7000-8000-1234567890ab"}',
    b'{"first_name":null,"zip":"","phone":"[PHONE]"}',
    b"[1,2",
    b"[]",
]
RAW = [
    (b"my ssn is 536-90-4399", b"my ssn is [NATIONAL_ID]", "NATIONAL_ID"),
    (b'{"text" : "mail ada@example.org" , "n":1.50}', b'{"text" : "mail [EMAIL]" , "n":1.50}', "EMAIL"),
    (b'{"a":{"b":[{"c":"ada@example.org"}]}}', b'{"a":{"b":[{"c":"[EMAIL]"}]}}', "EMAIL"),
    (b'{"p":"{\\"mail\\": \\"ada@example.org\\"}"}', b'{"p":"{\\"mail\\": \\"[EMAIL]\\"}"}', "EMAIL"),
    (b'["\\u0061da@example.org"]', b'["[EMAIL]"]', "EMAIL"),
    (b'{"ada@example.org":1}', b'{"[EMAIL]":1}', "EMAIL"),
    (b'{"Sarah Miller":{"x":1}}', b'{"[PERSON]":{"x":1}}', "PERSON"),
    (b'{"phone":4155550134}', b'{"phone":"[PHONE]"}', "PHONE"),
    (b'{"x":4111111111111111}', b'{"x":"[CARD]"}', "CARD"),
    (b'{"pin":1596,"n":1596}', b'{"pin":"[SECRET]","n":1596}', "SECRET"),
    (b'{"first_name":"Chewie","text":"Chewbacca is fun"}', None, "PERSON"),
    (b'"I am John Smith"', b'"I am [PERSON]"', "PERSON"),
    (b'{"a": NaN, "b":"ada@example.org"}', b'{"a": NaN, "b":"[EMAIL]"}', "EMAIL"),
    (b'{"broken: "ada@example.org"', b'{"broken: "[EMAIL]"', "EMAIL"),
    (b'\xe2\x9c\x93 {"a":"ada@example.org"', b'\xe2\x9c\x93 {"a":"[EMAIL]"', "EMAIL"),
    (
        '{"text":"café, mail ada@example.org"}'.encode(),
        '{"text":"café, mail [EMAIL]"}'.encode(),
        "EMAIL",
    ),
    (b'{"device":"019ab3d2-7f00-7000-8000-1234567890ab"}', b'{"device":"[DEVICE]"}', "DEVICE"),
]


@pytest.mark.parametrize("raw", SAFE)
def test_it_leaves_what_is_not_personal(raw):
    assert Judge().value(raw).data is None
    assert Judge(skip=False).value(raw).data is None


@pytest.mark.parametrize(("raw", "kept", "kind"), RAW)
def test_it_replaces_what_is_personal_and_nothing_else(raw, kept, kind):
    judged = Judge().value(raw)
    assert judged.data is not None
    assert kept is None or judged.data == kept
    assert kind in judged.kinds
    assert Judge().value(judged.data).data is None


def test_bytes_that_are_no_text_are_left_and_told():
    assert Judge().value(b"\xff\xfe ada@example.org") == (None, {}, 0, Problem.NOT_TEXT, "")
    assert Judge().value(b'{"a":"\xff"}').problem is Problem.NOT_TEXT


def test_what_is_too_long_to_judge_is_withheld_alone():
    judged = Judge().value(b'{"long":"' + b"ab1 " * LONGEST + b'","text":"hello"}')
    assert judged.data == b'{"long":"' + WITHHELD.encode() + b'","text":"hello"}'
    assert judged.withheld == 1


def test_what_fails_to_be_judged_is_withheld(monkeypatch):
    def broken(text):
        raise ValueError(text)

    monkeypatch.setattr("privacy.redaction.normalise", broken)
    assert Judge().value(b"call Ada Lovelace").data == WITHHELD.encode()


def test_json_as_deep_as_a_person_can_nest_it_is_judged():
    deep = b'{"a":' * 500 + b'"ada@example.org"' + b"}" * 500
    assert b"ada@" not in (Judge().value(deep).data or b"ada@")
    deeper = b"[" * 200_000 + b'"ada@example.org"'
    assert Judge().value(deeper).data == WITHHELD.encode()


def test_json_within_json_within_json_is_judged_at_any_depth():
    said = "ada@example.org"
    for _ in range(10):
        said = json.dumps({"x": said})
    assert b"example.org" not in (Judge().value(said.encode()).data or b"example.org")


def test_a_piece_of_a_number_is_taken_out_of_the_text_of_the_turn_alone():
    deep = b'{"text":"call 415 555","meta":{"text":"a sea view"}}'
    found = Judge().thread([deep, b'{"text":"0134"}', b'{"role":"agent","text":"12"}', b"{broken", b"13"])
    assert set(found) == {0, 1}
    kept = found[0].data or b""
    assert kept.endswith(b'","meta":{"text":"a sea view"}}')
    assert b"415" not in kept


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"42", None),
        (b"1763912345", None),
        (b"1763912345.123", None),
        (b"4155550134", b"[PHONE]"),
        (b"4111111111111111", b"[CARD]"),
    ],
)
def test_counters_and_moments_are_numbers_and_not_texts(raw, kept):
    assert Judge().number(raw).data == kept


def test_a_field_that_asks_makes_a_bare_value_personal():
    assert Judge().number(b"1596", name=b"pin").data == b"[SECRET]"
    assert Judge().number(b"1596", name=b"visits").data is None
    assert Judge().value(b"Chewie", name=b"customer_name").data == b"[PERSON]"


@pytest.mark.parametrize(
    "name", [b"mem:019ab3d2-7f00-7000-8000-1234567890ab", b"mem:42", b"user_name", b"firstName"]
)
def test_names_of_programmers_are_not_personal(name):
    assert not names.personal(names.without_ids(name))


@pytest.mark.parametrize(
    "name", [b"mem:ada@example.org", b"mem:4155550134", b"sarah_miller", b"Sarah Miller"]
)
def test_names_that_tell_who_somebody_is_are_personal(name):
    assert names.personal(names.without_ids(name))


def test_a_shape_tells_no_letter_and_no_digit():
    assert shape("Ada@x-1.org, 4111") == "xxx@x-#.xxx, ####"


@given(MIXED)
@settings(max_examples=400, deadline=None)
def test_the_quick_look_hides_nothing(text):
    if is_plain(text.encode(errors="surrogatepass")):
        assert redact(text, look=EVERYBODY).text == text


COUNTED = st.lists(
    st.sampled_from(["one", "two", "oh", "double", "triple", "and", "dash", "five", "please", ",", ".", "'"]),
    max_size=9,
).map(" ".join)


@given(COUNTED)
@settings(max_examples=400, deadline=None)
def test_the_quick_look_hides_no_number_in_words(text):
    if is_plain(text.encode()):
        assert redact(text, look=EVERYBODY).text == text


def test_a_few_digits_in_words_are_plain():
    assert is_plain(b"could we have one room for two please")
    assert not is_plain(b"five five five one two three four")


@given(MIXED)
@settings(max_examples=300, deadline=None)
def test_with_the_quick_look_or_without_the_same_is_kept(text):
    document = json.dumps({"role": "lead", "text": text, "n": [text]}).encode()
    raw = text.encode(errors="surrogatepass")
    for value in (raw, document):
        assert Judge().value(value).data == Judge(skip=False).value(value).data


@given(MIXED)
@settings(max_examples=300, deadline=None)
def test_twice_is_once(text):
    for raw in (text.encode(), json.dumps([text, {"name": text}]).encode()):
        kept = Judge().value(raw).data
        assert kept is None or Judge().value(kept).data is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-99, 99) | MIXED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "name", "x y"]), inner),
    max_leaves=8,
)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_what_was_json_is_json_of_the_same_form(value):
    raw = json.dumps([value]).encode()
    kept = Judge().value(raw).data
    assert kept is None or _form(json.loads(kept)) == _form([value])


def _form(value):
    if isinstance(value, dict):
        return {name: _form(one) for name, one in value.items()}
    return [_form(one) for one in value] if isinstance(value, list) else None


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_bytes_can_be_judged(raw):
    Judge().value(raw)
    pieces = jsontext.pieces(b"[" + raw)
    assert pieces is None or b'"'.join(pieces) == b"[" + raw


@pytest.mark.slow
def test_the_quick_look_hides_nothing_in_many_messages():
    plain = 0
    for text in chatter.messages(4000, seed=8, personal=0.3):
        if is_plain(text.encode()):
            plain += 1
            assert redact(text, look=EVERYBODY).text == text
    assert plain > 1000
