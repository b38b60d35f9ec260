"""Each kind is recognized in the shapes people write it, and ordinary messages are left alone."""

import ast
import re
from pathlib import Path
from time import perf_counter

import pytest
import re2  # type: ignore[import-untyped, import-not-found, unused-ignore]

from privacy import canary, madeup, patterns
from privacy.kinds import Kind
from privacy.redaction import redact
from privacy.scrubbing import jsontext, names, texts, threads

FOUND = [
    ("write to ann.lee+x@mail.example.org today", "write to [EMAIL] today"),
    ("write to ann dot lee at example dot com today", "write to [EMAIL] today"),
    ("ann (at) example (dot) com", "[EMAIL]"),
    ("my mail is annlee 89 gmailcom", "my mail is [EMAIL]"),
    ("ring (415) 555-0134 x12 after six", "ring [PHONE] after six"),
    ("+44 20 7946 0958 works", "[PHONE] works"),
    ("call 4 1 5 5 5 5 0 1 3 4", "call [PHONE]"),
    ("it is five five five one two three four", "it is [NUMBER]"),
    ("card 4111-1111-1111-1111 please", "card [CARD] please"),
    ("card 4111.1111 1111 1111 please", "card [CARD] please"),
    ("amex 3782 822463 10005", "amex [CARD]"),
    ("pay to GB82 WEST 1234 5698 7654 32 now", "pay to [IBAN] now"),
    ("my ssn is 536-90-4399.", "my ssn is [NATIONAL_ID]."),
    ("last four of my social: 4399", "last four of my social: [NATIONAL_ID]"),
    ("national insurance AB 12 34 56 C", "national insurance [NATIONAL_ID]"),
    ("dni 12345678Z ok", "dni [NATIONAL_ID] ok"),
    ("from 203.0.113.7 or 2001:db8::8a2e:370:7334", "from [IP] or [IP]"),
    ("mac 00:1B:44:11:3A:B7", "mac [MAC]"),
    ("see https://bob:pw@host.example/a?b=c.", "see [URL]."),
    ("my password is hunter-2", "my password is [SECRET]"),
    ('{"password": "letmein"}', '{"password": "[SECRET]"}'),
    ("the code you sent is 881204", "the code you sent is [SECRET]"),
    ("Bearer abcdef1234567890", "[SECRET]"),
    ("my mother's maiden name is Sanchez", "my mother's maiden name is [SECRET]"),
    ("Nemo was my first pet", "[SECRET] was my first pet"),
    ("account 88213345", "account [ACCOUNT]"),
    ("booking number is hk 5487", "booking number is [ACCOUNT]"),
    ("order ORD-2024-11873 is late", "order [ACCOUNT] is late"),
    ("I was born on 14 March 1979", "I was born on [BIRTH_DATE]"),
    ("dob 7/22/85", "dob [BIRTH_DATE]"),
    ("We live at 18 Larkspur Lane, Dayton, OH 45402.", "We live at [ADDRESS]."),
    ("Via Garibaldi 14, Torino", "[ADDRESS]"),
    ("Hauptstrasse 5, 10827 Berlin", "[ADDRESS]"),
    ("12 rue de la Paix, Paris", "[ADDRESS]"),
    ("PO Box 2290", "[ADDRESS]"),
    ("we are near SW1A 1AA", "we are near [POSTCODE]"),
    ("my zip is 94110", "my zip is [POSTCODE]"),
    ("Hi, I'm Sarah Miller and this is urgent", "Hi, I'm [PERSON] and this is urgent"),
    ("my name is hope", "my name is [PERSON]"),
    ("ask mr freeman", "ask [PERSON]"),
    ("ask olumide adeyemi about it", "ask [PERSON] about it"),
    ("says Skjæveland, our guide", "says [PERSON], our guide"),
    ("Иван Петров звонил мне вчера вечером", "[PERSON] звонил мне вчера вечером"),
    (
        "Guten Tag, ich heiße Sabine Krüger und habe eine Frage",
        "Guten Tag, ich heiße [PERSON] und habe eine Frage",
    ),
    (
        "Hola, me llamo Ximena y tengo un problema con la cuenta",
        "Hola, me llamo [PERSON] y tengo un problema con la cuenta",
    ),
    ("my username is skywalker_77", "my username is [USERNAME]"),
    ("thanks @keisharob", "thanks [USERNAME]"),
    ("VIN 1HGCM82633A004352", "VIN [VEHICLE]"),
    ("license plate is 432 LSA", "license plate is [VEHICLE]"),
    ("imei 490154203237518", "imei [CARD]"),
    ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==", "[DATA]"),
    ("key 123e4567-e89b-12d3-a456-426614174000", "key [DEVICE]"),
]
LEFT = [
    "Do you have a table for six on Friday at 8 pm?",
    "The invoice was $1,250.00 and not $1,520.00",
    "we're 4 adults and 2 kids arriving on 12 June 2027",
    "will you be open in May or in August?",
    "I hope the price may drop, so mark my words",
    "can I pay with Visa or Apple Pay?",
    "Is the 2 bedroom apartment at 10 am or 11:30 am?",
    "We're based in Austin, do you deliver to Texas?",
    "about 40000 dollars",
    "Ich habe eine Frage zu meiner Bestellung und der Rechnung",
    "tengo una pregunta sobre el pedido y durante la entrega",
    "version 3.14.2 fails",
    "see you at home. Thanks",
    "my name is wrong on the bill",
    "ok",
    "",
]


@pytest.mark.parametrize(("text", "safe"), FOUND)
def test_it_finds(text, safe):
    assert redact(text).text == safe


@pytest.mark.parametrize("text", LEFT)
def test_it_leaves_alone(text):
    assert redact(text).text == text


def test_it_knows_every_kind():
    found = {kind for text, _ in FOUND for kind in redact(text).kinds}
    assert found == set(Kind)


@pytest.mark.parametrize("expression", [rb"(a+)\1", rb"a(?=b)", rb"(?<!a)b", rb"(?>a+)b", rb"a++b"])
def test_it_refuses_patterns_that_backtrack(expression):
    with pytest.raises(re2.error):
        patterns.pattern(expression)


def test_texts_of_strangers_meet_re2_only():
    """`re` reads our own templates, digits, and forms of JSON, with patterns that cannot backtrack far."""
    assert _importers("re2") == {"patterns"}
    assert _importers("re", "regex") <= {"canary", "madeup", "scrubbing"}


def _importers(*wanted: str) -> set[str]:
    """Modules and packages of the app that import one of these."""
    folder = Path(patterns.__file__).parent
    found = set()
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        if names & set(wanted) and "tests" not in path.parts:
            found.add(path.relative_to(folder).with_suffix("").parts[0])
    return found


HOSTILE = ("a", "1", '"', "\\", "-", "1.", "2026-", "aA", '"\\', "mem:", "@.", "1e", "{A", " ")


@pytest.mark.parametrize("module", [canary, jsontext, madeup, names, texts, threads])
def test_other_patterns_read_a_megabyte_of_hostile_text_in_no_time(module):
    compiled = [value for value in vars(module).values() if isinstance(value, re.Pattern)]
    for expression in compiled:
        for piece in HOSTILE:
            text = piece * (1_000_000 // len(piece))
            started = perf_counter()
            for match in expression.finditer(text if isinstance(expression.pattern, str) else text.encode()):
                assert match
            assert perf_counter() - started < 10  # a pattern that backtracks would take hours


NAMES_OF_THINGS = [
    "can i get a table at luigi's tonight",
    "does tony's take reservations",
    "how are the enchiladas at jose's taco shop",
    "is there a hold on my charles schwab account",
    "flights to ho chi minh or ann arbor",
    "Calvin Klein watch",
    "book it from jan 15th to jan 20th",
    "from 2/28 - 3/1 please",
    "what is 90908 divided by 30890",
    "what is 80980 + 98098 + 80980",
    "what is 38% of 389209",
    "please unlink my phone",
    "what is my domain name bill",
    "Chrome/120.0.6099.71 Safari/537.36",
    "creme fraiche and carne asada",
]
NAMES_ALL_THE_SAME = [
    ("meet me at luigi's house, we have a table there", "luigi"),
    ("my name is charles schwab", "charles"),
    ("remind me to call bob", "bob"),
    ("i am jan", "jan"),
    ("table for ann at chez francois", "ann"),
]


@pytest.mark.parametrize("text", NAMES_OF_THINGS)
def test_it_leaves_names_of_things_and_numbers_of_sums_alone(text):
    assert redact(text).text == text


@pytest.mark.parametrize(("text", "name"), NAMES_ALL_THE_SAME)
def test_it_still_finds_people_beside_them(text, name):
    assert name not in redact(text).text
