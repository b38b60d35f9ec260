"""Named values: what is personal goes, whatever a model learns from stays as it is."""

import csv
import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy.context import NOTHING, Context
from privacy.kinds import WITHHELD, Kind, Reason
from privacy.tests.real import data_folder
from privacy.values import judged

TUVA = Context(known_name="Tuva Price", known_email="tuva.p@example.org", known_phone="+49 731 555 12345")


def kept(name: str, value: object, *, person: Context = NOTHING) -> object:
    [safe] = judged({name: value}, person=person).values.values()
    return safe


BY_NAME = [
    ("email", "ann at x dot org", Kind.EMAIL),
    ("customerEmail", "ann@x.org", Kind.EMAIL),
    ("E-Mail-Adresse", "ann@x.org", Kind.EMAIL),
    ("correo_electronico", "ann@x.org", Kind.EMAIL),
    ("phone", 4155550134, Kind.PHONE),
    ("Mobile Number", "0731 12345", Kind.PHONE),
    ("telefon2", "73112345", Kind.PHONE),
    ("first_name", "hope", Kind.PERSON),
    ("nombre", "ximena", Kind.PERSON),
    ("Nachname", "Krüger", Kind.PERSON),
    ("prénom", "zoé", Kind.PERSON),
    ("name", "Ann Lee", Kind.PERSON),
    ("billing_street", "Larkspur", Kind.ADDRESS),
    ("Straße", "Am Markt", Kind.ADDRESS),
    ("addressLine1", "c/o Lee", Kind.ADDRESS),
    ("zip", 94110, Kind.POSTCODE),
    ("PLZ", "10827", Kind.POSTCODE),
    ("dob", "1980-01-02", Kind.BIRTH_DATE),
    ("Geburtsdatum", "2.1.80", Kind.BIRTH_DATE),
    ("fecha_nacimiento", "02/01/1980", Kind.BIRTH_DATE),
    ("ssn", 536904399, Kind.NATIONAL_ID),
    ("iban", "DE89 3704", Kind.IBAN),
    ("card", "4242", Kind.CARD),
    ("password", "rosebud", Kind.SECRET),
    ("pin", 7, Kind.SECRET),
    ("IPAddress", "10.0.0.1", Kind.IP),
    ("userName", "annlee", Kind.USERNAME),
    ("license_plate", "432 LSA", Kind.VEHICLE),
]
BY_FORM = [
    ("wrote", "ann@x.org", "[EMAIL]"),
    ("wrote", "ann%40x.org", "[EMAIL]"),
    ("wrote", "annleegmailcom", "[EMAIL]"),
    ("wrote", "+49 731 12345", "[PHONE]"),
    ("wrote", "(415) 555-0134", "[PHONE]"),
    ("wrote", "4155550134", "[PHONE]"),
    ("wrote", "call 4155550134", "call [PHONE]"),
    ("wrote", "4111 1111 1111 1111", "[CARD]"),
    ("order_id", "4111111111111111", "[CARD]"),
    ("wrote", "GB82 WEST 1234 5698 7654 32", "[IBAN]"),
    ("wrote", "536-90-4399", "[NATIONAL_ID]"),
    ("wrote", "203.0.113.7", "[IP]"),
    ("wrote", "00:1B:44:11:3A:B7", "[MAC]"),
    ("landing_page", "https://ann:pw@host.example/a", "[URL]"),
    ("landing_page", "https://www.linkedin.com/in/ann-lee-9", "[URL]"),
    ("landing_page", "https://host.example/?plan=pro&token=abc123", "https://host.example/?plan=pro[URL]"),
    ("landing_page", "https://host.example/?e=ann%40x.org", "https:[EMAIL]"),
    ("wrote", "password: rosebud", "password: [SECRET]"),
    ("wrote", "sk_live_abcdefgh12345678", "[SECRET]"),
    ("wrote", "Sarah Miller", "[PERSON]"),
    ("wrote", "18 Larkspur Lane", "[ADDRESS]"),
    ("region", "SW1A 1AA", "[POSTCODE]"),
    ("wrote", "tell Sarah Miller i called", "tell [PERSON] i called"),
    ("comment", "Sarah here", "[PERSON] here"),
    ("source", "@keisharob", "[USERNAME]"),
]
FEATURES = """
    country=Jordan|city=Charlotte|city=San Jose|agent=Sandra|agent=Sandra Miller
    campaign=Black Friday 2026|campaign=Spring sale for Sarah and friends
    campaign=us_brand_search_exact_match_new_york_city_2026_q3_v2|q1=Charlotte|q1=St. Louis
    q1=Santa Rosa|q1=Virginia Beach|q1=Grace period|q1=May|q1=Jordan|q1=Rose Garden
    arrives_on=2013-06-24|arrives_on=2013-06-24T10:00:00Z|month=July|q1=10:00-12:30|q1=07/2026
    q1=Q3 2026|rooms=2-3 bedrooms|rooms=3 bed detached house|budget=45000-60000
    budget=$1,200-1,500 per month|q1=Within the next 2-3 weeks|q1=Less than 3 months
    q1=More than $5,000 per month|q1=No, not at the moment|campaign_id=120210000000123456
    campaign_id=6548921347|key=123e4567-e89b-12d3-a456-426614174000
    lead_key=5420aad7fec3549a85876ba1c529bd84|q1=69a4241986721658eb6237d56c1b8abc|sku=SKU-88213345
    q1=A1-B2|landing_page=https://example.com/pricing?plan=pro&utm_source=google
    q1=/blog/how-to-choose-a-kitchen
    user_agent=Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36
    app_version=1.20.3.4|q1=Audi A4 2.0 TDI|q1=iPhone 15 Pro Max|q1=google / cpc|q1=(not set)
    q1=20000-30000|q1=Instagram: Stories|email_domain=gmail.com|email_status=opened|email=opened
    phone_type=mobile|phone=mobile|card=visa|card_type=amex|contact=cellular|mobile=yes|email=yes
    address=unknown|name_length=12 letters|company=Miller and Sons|postal_region=Bavaria|birth_year=1980
    job=self-employed|education=basic.4y|q1=Vice President of Human Resources|q1=Bosnia and Herzegovina
    q1=Black or African American|q1=North West England|q1=Baden-Württemberg|q1=Москва
    timezone=America/Argentina/Buenos_Aires|q1=en-GB|q1=100%|q1=€ 1.200,50|q1=4.5 stars|q1=24/7 support
    q1=C++
"""


@pytest.mark.parametrize(("name", "value", "kind"), BY_NAME)
def test_it_believes_a_name_that_tells_what_it_holds(name, value, kind):
    assert kept(name, value) == kind.placeholder


@pytest.mark.parametrize(("name", "value", "safe"), BY_FORM)
def test_it_finds_what_gives_itself_away(name, value, safe):
    assert kept(name, value) == safe


@pytest.mark.parametrize(
    "feature", [one.strip() for line in FEATURES.splitlines() for one in line.split("|")]
)
def test_it_leaves_features_as_they_are(feature):
    name, _, value = feature.partition("=")
    values = {name: value}
    assert judged(values).values is values


@pytest.mark.parametrize(
    "values",
    [
        {"email": True, "phone": False, "name": None},
        {"phones": 2, "email": 1, "card": 0, "pin": 0},
        {"campaign": 6548921347, "budget": 4155550134.0, "age": 41},
        {},
    ],
)
def test_it_leaves_flags_counts_and_numbers(values):
    assert judged(values, person=TUVA).values is values


@pytest.mark.parametrize(
    ("name", "value", "safe"),
    [
        ("q1", "Tuva", "[PERSON]"),
        ("q1", "T\u200buva", "[PERSON]"),
        ("q1", "for tuva", "for [PERSON]"),
        ("q1", "Tuva Price", "[PERSON]"),
        ("q1", "price", "price"),
        ("topic", "fixed price", "fixed price"),
        ("city", "Tuva", "Tuva"),
        ("q1", "tuva.p", "[EMAIL]"),
        ("q1", "555 12345", "[PHONE]"),
        ("q1", 73155512345, "[PHONE]"),
        ("q1", "2345", "2345"),
    ],
)
def test_it_knows_the_person(name, value, safe):
    assert kept(name, value, person=TUVA) == safe
    assert kept(name, value if name == "city" else "Ulm", person=TUVA) != "[PERSON]"


def test_it_renames_what_is_named_by_a_person():
    assert judged({"ann@x.org": 1, "rooms": 2}).values == {"[EMAIL]": 1, "rooms": 2}


def test_it_counts_what_it_found():
    found = judged({"email": "ann@x.org", "wrote": "bob@x.org", "rooms": 2})
    assert found.kinds == {Kind.EMAIL: 2}
    assert found.reasons == []


def test_it_withholds_what_it_fails_on_and_only_that(monkeypatch):
    def fails(text):
        raise ValueError(text)

    judged({"q1": "Ulm", "rooms": 3, "email": None})
    monkeypatch.setattr("privacy.redaction.normalise", fails)
    found = judged({"q1": "not seen before", "rooms": 2, "email": "ann@x.org"})
    assert found.values == {"q1": WITHHELD, "rooms": 2, "email": "[EMAIL]"}
    assert set(found.reasons) == {Reason.ERROR}


WORDS = st.sampled_from(
    ["ann@x.org", "Sarah ", "Miller", "call ", "4155550134", " 12 ", "[EMAIL]", "pin: ", "x", "é"]
)
TEXTS = st.one_of(st.text(max_size=20), st.lists(WORDS, max_size=6).map("".join))
VALUES = st.one_of(TEXTS, st.integers(-(2**63), 2**63), st.floats(allow_nan=False), st.booleans(), st.none())
NAMES = st.sampled_from(["email", "q1", "city", "comment", "zip", "ann@x.org", "name", "a b", "pin"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, VALUES, max_size=5), st.sampled_from([Context(), TUVA]))
def test_it_changes_nothing_the_second_time(values, person):
    once = judged(values, person=person).values
    assert judged(once, person=person).values == once
    assert judged(once, person=person).kinds == {}


@pytest.mark.parametrize(
    "path", sorted((data_folder() / "leads").glob("*/*.csv.gz")), ids=lambda path: path.stem
)
def test_it_changes_no_feature_of_real_histories(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        changed = [row for row in csv.DictReader(lines) if judged(row).values is not row]
    assert changed == []
