"""A policy as JSON: read strictly, written so that it reads as the same."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups import documents
from followups.documents import DocumentError
from followups.policy import Caps, Conditions, Hours, Plan, Step, Stops, Window

STEP = {"after": "30m", "channel": "console", "body": "Still there?"}


def faults(**document):
    """What is said against a document."""
    with pytest.raises(DocumentError) as refused:
        documents.read({"steps": [STEP], **document})
    return refused.value.faults


def test_it_reads_the_shortest_with_safe_defaults():
    plan = documents.read({"steps": [STEP]})
    assert plan.steps == (Step(after=timedelta(minutes=30), channel="console", body="Still there?"),)
    assert plan.hours.quiet == (Window(frozenset(range(7)), time(21), time(8)),)
    assert (plan.caps.lead_per_day, plan.stops, plan.hold_out) == (3, Stops(reply=True, outcome=True), 0.0)


@pytest.mark.parametrize(
    "document", [None, [], "", 7, {}, {"steps": []}, {"steps": [STEP] * 21}, {"steps": {}}]
)
def test_it_refuses_what_has_no_steps(document):
    with pytest.raises(DocumentError):
        documents.read(document)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"step": [STEP]}, "step"),
        ({"steps": [STEP | {"delay": "1h"}]}, "steps"),
        ({"steps": [STEP | {"after": "soon"}]}, "steps"),
        ({"steps": [STEP | {"after": "366d"}]}, "steps"),
        ({"steps": [STEP, STEP]}, "steps"),
        ({"steps": [STEP | {"body": ""}]}, "steps"),
        ({"conditions": {"grades": ["E"]}}, "conditions"),
        ({"conditions": {"intents": ["buy"]}}, "conditions"),
        ({"conditions": {"score_from": 0.8, "score_to": 0.2}}, "conditions"),
        ({"conditions": {"score_from": float("nan")}}, "conditions"),
        ({"hours": {"zone": "Europe/Atlantis"}}, "hours"),
        ({"hours": {"quiet": [{"start": "25:00", "end": "08:00"}]}}, "hours"),
        ({"hours": {"windows": [{"days": ["monday"], "start": "09:00", "end": "17:00"}]}}, "hours"),
        ({"hours": {"quiet_dates": ["25.12.2026"]}}, "hours"),
        ({"caps": {"lead_per_day": 0}}, "caps"),
        ({"stops": {"opt_out": False}}, "stops"),
        ({"hold_out": 0.95}, "hold_out"),
        ({"hold_out": -0.1}, "hold_out"),
    ],
)
def test_it_says_where_it_is_wrong(given, place):
    assert list(faults(**given)) == [place]


TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
WINDOWS = st.lists(st.builds(Window, st.frozensets(st.integers(0, 6), min_size=1), TIMES, TIMES), max_size=3)
DELAYS = st.lists(st.integers(0, 500_000), min_size=1, max_size=20, unique=True).map(sorted)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
SHARES = st.floats(0, 1)


@st.composite
def plans(draw):
    """Any plan that can be written."""
    low, high = sorted((draw(SHARES), draw(SHARES)))
    return Plan(
        steps=tuple(
            Step(after=timedelta(minutes=minutes), channel="console", body=draw(WORDS), subject=draw(WORDS))
            for minutes in draw(DELAYS)
        ),
        conditions=Conditions(
            sources=draw(st.frozensets(WORDS, max_size=3)),
            grades=draw(st.frozensets(st.sampled_from("ABCD"))),
            intents=draw(st.frozensets(st.sampled_from(["book", "price"]))),
            score_from=low,
            score_to=high,
        ),
        hours=Hours(
            zone=draw(st.sampled_from(["UTC", "Europe/Berlin"])),
            quiet=tuple(draw(WINDOWS)),
            windows=tuple(draw(WINDOWS)),
            quiet_dates=draw(st.frozensets(st.dates(date(2000, 1, 1)), max_size=3)),
        ),
        caps=Caps(
            lead_per_day=draw(st.none() | st.integers(1, 9)),
            policy_per_day=draw(st.none() | st.integers(1, 9)),
        ),
        stops=Stops(reply=draw(st.booleans()), outcome=draw(st.booleans())),
        hold_out=draw(st.floats(0, 0.9)),
    )


@given(plans())
def test_it_reads_what_it_wrote(plan):
    assert documents.read(documents.written(plan)) == plan
