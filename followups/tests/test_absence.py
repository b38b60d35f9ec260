"""Why a policy did not take a lead in."""

from dataclasses import replace
from datetime import timedelta

import pytest

from followups import absence, documents
from followups.absence import Outsider
from followups.policy import Facts
from followups.tests.cast import HOUR, NOON

DAY = timedelta(days=1)
WEB = Facts(source="web", grade="B", intent="price", probability=0.4)
FITS = Outsider(facts=WEB, opted_out=False, state=None, heard_at=NOON, on_since=NOON - DAY)
STEPS = [{"after": "1h", "channel": "console", "body": "Still there?"}]


def words(outsider: Outsider, *, after=HOUR, **conditions) -> list[str]:
    plan = documents.read({"steps": STEPS, "conditions": conditions})
    return [reason.word for reason in absence.reasons(plan, outsider, now=NOON + after)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"opted_out": True}, ["opted_out"]),
        ({"state": "booked"}, ["ended"]),
        ({"state": "nurture"}, ["not_asked"]),
        ({"on_since": NOON + HOUR}, ["switched_on_later"]),
        ({"on_since": NOON}, ["not_asked"]),
        ({"heard_at": NOON - 2 * DAY, "on_since": NOON - 3 * DAY}, ["not_heard"]),
        ({"heard_at": NOON - 2 * DAY, "on_since": NOON}, ["switched_on_later"]),
        ({"opted_out": True, "state": "spam", "on_since": NOON + HOUR},
         ["opted_out", "ended", "switched_on_later"]),
    ],
)  # fmt: skip
def test_a_lead_that_is_meant_is_told_what_else_keeps_it_out(changed, expected):
    assert words(replace(FITS, **changed)) == expected


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"sources": ["web"], "grades": ["B"], "intents": ["price"], "score_from": 0.4}, ["not_asked"]),
        ({"sources": ["mail"]}, ["conditions"]),
        ({"sources": ["mail"], "grades": ["A"], "score_from": 0.5}, ["conditions"] * 3),
    ],
)
def test_each_condition_that_is_not_met_is_a_reason(conditions, expected):
    assert words(FITS, **conditions) == expected


def test_it_is_warm_until_two_days_have_passed():
    assert words(FITS, after=2 * DAY - timedelta(seconds=1)) == ["not_asked"]
    assert words(FITS, after=2 * DAY) == ["not_heard"]


def test_the_sentence_tells_all_of_them():
    plan = documents.read({"steps": STEPS, "conditions": {"sources": ["mail"], "grades": ["A"]}})
    found = absence.reasons(plan, replace(FITS, opted_out=True), now=NOON)
    assert absence.told(found) == "its source is web, not mail; its grade is B, not A; it opted out"
