"""Templates of messages: what is taken, what is refused and how it is said, what a lead's message reads."""

from datetime import date

import pytest

from followups.templating import TemplateFault, faults, rendered, values_of
from followups.templating.language import LONGEST_SOURCE, MOST_TAGS
from followups.templating.values import first_name
from leads.models import Lead

ADA = {
    "name": "Ada Lovelace",
    "first_name": "Ada",
    "source": "web",
    "external_id": "crm-1",
    "grade": "A",
    "policy": "nudge",
    "step": 2,
    "unsubscribe_url": "https://ops.example/u/1",
    "attributes": {"rooms": 2, "price": 99.5, "arrival": "2026-03-02", "pets": False, "items": ""},
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Still there?", "Still there?"),
        ('Hi {{ first_name|default:"there" }}', "Hi Ada"),
        ('{{ attributes.board|default:"no board" }}', "no board"),
        ("{% if attributes.rooms > 1 %}{{ attributes.rooms }} rooms{% endif %}", "2 rooms"),
        ("{% if grade == 'B' %}B{% elif grade %}{{ grade }}{% else %}none{% endif %}", "A"),
        ('{{ attributes.arrival|date:"j F Y"|default:"soon" }}', "2 March 2026"),
        ('{{ attributes.price|floatformat:2|default:"?" }}', "99.50"),
        ('{{ attributes.pets|yesno:"with pets,without pets" }}', "without pets"),
        ('{{ name|upper|truncatechars:6|default:"X" }}', "ADA L…"),
        ('{{ name|lower|title|capfirst|truncatewords:1|default:"X" }}', "Ada …"),
        ("step {{ step }} of {{ policy }}{# a note #}", "step 2 of nudge"),
        ("{% if not name %}Hello{% else %}Hello {{ name }}{% endif %}", "Hello Ada Lovelace"),
        ("{% if name and not attributes.board %}{{ name }}{% endif %}", "Ada Lovelace"),
        ('{{ attributes.items|default:"nothing" }} {{ attributes.keys|default:"none" }}', "nothing none"),
    ],
)
def test_a_message_reads_as_written(source, text):
    assert faults(source) == []
    assert rendered(source, ADA) == text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Hi {{ nmae }}", "Did you mean name?"),
        ("Hi {{ email }}", "There are name, first_name"),
        ("a\nHi {{ name }}", 'line 2: name is empty for some leads. Write {{ name|default:"…" }}'),
        ("{{ attributes.rooms }}", "{% if attributes.rooms %} and {% endif %}"),
        ("{% if name or source %}{{ name }}{% endif %}", "name is empty"),
        ("{% if name %}x{% else %}{{ name }}{% endif %}", "name is empty"),
        ('{% if name != "Ada" %}{{ name }}{% endif %}', "name is empty"),
        ('{% if source < "web" %}{{ source }}{% endif %}', "source is empty"),
        ('{{ name|default:"" }}', "needs words in quotes"),
        ("{{ name|default:there }}", 'as in |default:"there"'),
        ("{{ name|default }}", "too much or too little after |default"),
        ("Hi {{ name }", "line 1: {{ stands alone"),
        ("Hi\nname }}", "line 2: }} stands alone"),
        ("{% for x in name %}{% endfor %}", "is not for messages"),
        ('{% include "admin/base.html" %}', "is not for messages"),
        ("{% load static %}", "is not for messages"),
        ("{% debug %}", "is not for messages"),
        ("{% if name %}{{ name }}", "{% if name %} is never closed"),
        ("{% endif %}", "no {% if … %} waits"),
        ("{% if %}x{% endif %}", "lacks what it asks about"),
        ("{{ first name }}", "a variable is one word"),
        ("{{ }}", "has nothing in it"),
        ("{{ name|center:99999999 }}", "uses |center, which messages do not have"),
        ("{{ name|ljust:99999999 }}", "uses |ljust"),
        ("{{ name|truncatechars:99999999 }}", "from 2 to 500"),
        ("{{ 1|floatformat:99999999 }}", "from -10 to 10"),
        ('{{ attributes.a|date:"j T" }}', "does not know T"),
        ("{{ name.upper }}", "does not exist"),
        ("{{ attributes }}", "does not exist"),
        ("{{ attributes.a.b }}", "does not exist"),
        ("{{ policy.__class__ }}", "underscore"),
        ("{{ step }}" * (MOST_TAGS + 1), f"more than {MOST_TAGS}"),
        ("{% if step %}" * 11 + "{% endif %}" * 11, "more than 10 ifs"),
        ("{% if " + "not " * 80 + "name %}x{% endif %}", "longer than 300 characters"),
        ("x" * (LONGEST_SOURCE + 1), "longer than 10,000 characters"),
    ],
)
def test_a_fault_is_refused_with_the_fix(source, said):
    assert said in " ".join(faults(source))


@pytest.mark.parametrize(
    "source", ["{{ nmae }}", "{{ name.upper }}", "{% load static %}", "{{ name|yesno:1 }}"]
)
def test_what_may_not_be_said_is_never_rendered(source):
    with pytest.raises(TemplateFault):
        rendered(source, ADA)


def test_all_that_is_wrong_is_told_at_once():
    assert len(faults("{{ nmae }} {{ sorce }}")) == 2
    assert len(faults("{{ name }}\n{{ source }}")) == 2


def test_a_value_stays_on_its_line():
    assert rendered("{{ name }}", {"name": "Ada\r\nBcc: all@example.com"}) == "Ada Bcc: all@example.com"


def test_a_value_is_not_a_template():
    assert rendered("{{ name }}", {"name": "{{ unsubscribe_url }}"}) == "{{ unsubscribe_url }}"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ada", "Ada"),
        ("Ada Lovelace", "Ada"),
        ("Dr. Ada Lovelace", "Ada"),
        ("Lovelace, Ada", "Ada"),
        ("Lovelace,", "Lovelace"),
        ("Mr Miller", ""),
        ("", ""),
    ],
)
def test_the_first_name_is_found_or_left_out(name, first):
    assert first_name(name) == first


def test_values_are_plain_and_hold_no_address():
    lead = Lead(source="web", external_id=None, grade="", attributes={"lead time": 3, "wish": "call [PHONE]"})
    contact = {"name": "Dr. Ada Lovelace", "email": "ada@example.com", "phone": "+351912345678"}
    values = values_of(lead, contact, "https://ops.example/u/1", "nudge", 1)
    assert values == {
        "name": "Dr. Ada Lovelace",
        "first_name": "Ada",
        "source": "web",
        "external_id": "",
        "grade": "",
        "policy": "nudge",
        "step": 1,
        "unsubscribe_url": "https://ops.example/u/1",
        "attributes": {"lead_time": 3, "wish": ""},
    }


def test_a_date_may_be_a_date():
    assert rendered('{{ attributes.on|date:"l" }}', {"attributes": {"on": date(2026, 3, 2)}}) == "Monday"
