"""Bins in words."""

import pytest

from modeling.features import SOURCE, Bins, FeatureSpec, created_spec
from modeling.wording import Wording, readable, worded

DAYS = Bins(FeatureSpec("lead_time", "lead_time"), edges=(1.0, 14.0, 30.0))
RATE = Bins(FeatureSpec("adr", "adr"), edges=(50.5, 99.25))
PLACE = Bins(FeatureSpec("country", "country"), categories=("PRT", None, "GBR"))
AGENT = Bins(FeatureSpec("agent", "agent"), categories=(240.0, 9.0))


@pytest.mark.parametrize(
    ("wording", "code", "value", "text"),
    [
        (Wording(DAYS, integer=True), 1, 0, "lead time is 0 (8 past leads)"),
        (Wording(DAYS, integer=True), 2, 9, "lead time is between 1 and 13 (8 past leads)"),
        (Wording(DAYS, integer=True), 3, 20, "lead time is between 14 and 29 (8 past leads)"),
        (Wording(DAYS, integer=True), 4, 400, "lead time is 30 or more (8 past leads)"),
        (Wording(DAYS, integer=True), 0, None, "lead time is missing (8 past leads)"),
        (Wording(RATE), 1, 9.0, "adr is below 50.5 (8 past leads)"),
        (Wording(RATE), 2, 60.0, "adr is between 50.5 and 99.25 (8 past leads)"),
        (Wording(PLACE), 1, "PRT", "country is PRT (8 past leads)"),
        (Wording(PLACE), 2, "XX", "country is XX, seldom seen before (8 past leads)"),
        (Wording(AGENT), 1, 240.0, "agent is 240 (8 past leads)"),
        (Wording(AGENT), 0, 17.0, "agent is one never seen before (8 past leads)"),
        (Wording(PLACE, phrase="comes from {value}"), 3, "GBR", "comes from GBR (8 past leads)"),
        (Wording(PLACE, phrase="100 % {odd} {0}"), 3, "GBR", "100 % {odd} {0} (8 past leads)"),
        (Wording(PLACE, phrase="comes from {value}"), 0, None, "country is missing (8 past leads)"),
    ],
)
def test_it_words_a_bin(wording, code, value, text):
    assert worded(wording, code=code, value=value, support=8) == text


@pytest.mark.parametrize(
    ("support", "ending"), [(0, "(no past lead)"), (1, "(1 past lead)"), (1204, "(1,204 past leads)")]
)
def test_it_says_how_many_leads_stand_behind_it(support, ending):
    assert worded(Wording(PLACE), code=1, value="PRT", support=support).endswith(ending)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (FeatureSpec("plan", "plan"), "plan"),
        (FeatureSpec("arrives_on.days_ahead", "arrives_on", "days_ahead"), "days until arrives on"),
        (FeatureSpec("arrives_on.month", "arrives_on", "month"), "month of arrives on"),
        (created_spec("hour"), "hour of arrival"),
        (FeatureSpec(SOURCE, SOURCE), "source"),
    ],
)
def test_it_reads_names_aloud(spec, name):
    assert readable(Bins(spec, edges=())) == name


def test_it_names_months_and_hours():
    month = Bins(created_spec("month"), edges=(2.0, 3.0))
    hour = Bins(created_spec("hour"), edges=(9.0, 17.0))

    assert worded(Wording(month, integer=True), code=2, value=2.0, support=3).startswith(
        "month of arrival is February"
    )
    assert "is January (" in worded(Wording(month), code=1, value=1.0, support=3)
    assert "between March and December" in worded(Wording(month), code=3, value=4.0, support=3)
    assert "between 9:00 and 16:00" in worded(Wording(hour, integer=True), code=2, value=9.0, support=3)


def test_it_shortens_what_would_not_end():
    bins = Bins(FeatureSpec("note", "note"), categories=("x" * 500,))

    assert len(worded(Wording(bins), code=1, value="x" * 500, support=1)) < 100
