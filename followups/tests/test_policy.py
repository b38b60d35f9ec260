"""Which leads enter a policy."""

import pytest

from followups.policy import Conditions, Facts, Hours, admits, zone_of

ADA = Facts(source="web", grade="B", intent="price", probability=0.4)


@pytest.mark.parametrize(
    ("asked", "enters"),
    [
        ({}, True),
        ({"sources": {"web", "mail"}}, True),
        ({"sources": {"mail"}}, False),
        ({"grades": {"A", "B"}}, True),
        ({"grades": {"A"}}, False),
        ({"intents": {"price"}}, True),
        ({"intents": {"book"}}, False),
        ({"score_from": 0.4}, True),
        ({"score_from": 0.41}, False),
        ({"score_to": 0.4}, True),
        ({"score_to": 0.39}, False),
        ({"sources": {"web"}, "grades": {"A"}}, False),
    ],
)
def test_it_enters_when_every_condition_holds(asked, enters):
    sets = {name: frozenset(value) if isinstance(value, set) else value for name, value in asked.items()}
    assert admits(Conditions(**sets), ADA) is enters


def test_a_lead_without_a_score_enters_where_none_is_asked():
    nobody = Facts(source="", grade="", intent="", probability=None)
    assert admits(Conditions(), nobody)
    assert not admits(Conditions(score_to=0.9), nobody)


@pytest.mark.parametrize("told", ["", "UTC", "Etc/UTC", "Zulu", "Etc/UCT", "Universal"])
def test_the_zone_of_the_policy_is_for_leads_that_told_none(told):
    assert zone_of(Hours(zone="Europe/Lisbon"), told) == "Europe/Lisbon"


@pytest.mark.parametrize("told", ["Asia/Tokyo", "GMT", "Etc/GMT+5", "Atlantic/Reykjavik"])
def test_a_lead_that_told_one_keeps_it(told):
    assert zone_of(Hours(zone="Europe/Lisbon"), told) == told


@pytest.mark.parametrize("told", ["Mars/Olympus", "../etc/passwd", "Europe", "Lisbon\x00", "x" * 64])
def test_a_zone_that_this_machine_does_not_know_is_as_good_as_none(told):
    assert zone_of(Hours(zone="Europe/Lisbon"), told) == "Europe/Lisbon"
