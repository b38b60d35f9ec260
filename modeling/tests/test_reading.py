"""The training data as Postgres holds it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from leads.models import Lead, Outcome, State
from modeling.models import Prediction
from modeling.reading import read_dataset

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def lead(days_ago, *endings, source="web", seen=None, **attributes):
    """A lead that came in `days_ago` and matured ten days later; endings as (state, days after arrival)."""
    came = NOW - days_ago * DAY
    made = Lead.objects.create(
        source=source, attributes=attributes, created_at=came, matures_at=came + 10 * DAY
    )
    for state, after in endings:
        at = came + after * DAY
        Outcome.objects.create(lead=made, state=state, occurred_at=at, recorded_at=at)
    if seen is not None:
        Prediction.objects.create(lead=made, features=seen, at=came)
    return made


def numbers(dataset, name):
    return list(dataset.columns[name].numbers)


def words(dataset, name):
    column = dataset.columns[name]
    return [column.vocabulary[code] if code >= 0 else None for code in column.codes]


def test_it_reads_leads_in_order_of_arrival_with_their_times():
    second = lead(20, (State.GHOSTED, 3))
    first = lead(30.5, (State.BOOKED, 2))

    found = read_dataset(now=NOW)

    assert [bytes(key) for key in found.ids] == [first.id.bytes, second.id.bytes]
    assert found.created_at.tolist() == [moment.created_at.replace(tzinfo=None) for moment in (first, second)]
    assert found.matures_at.tolist() == [moment.matures_at.replace(tzinfo=None) for moment in (first, second)]
    assert found.outcome_at[0] == np.datetime64((first.created_at + 2 * DAY).replace(tzinfo=None))
    assert found.converted.tolist() == [1, 0]


def test_it_takes_the_newest_outcome_recorded_by_now():
    lead(30, (State.GHOSTED, 10), (State.BOOKED, 12))
    lead(20, (State.BOOKED, 1), (State.GHOSTED, 2))
    lead(15, (State.GHOSTED, 3), (State.BOOKED, 16))  # the correction comes tomorrow

    assert read_dataset(now=NOW).converted.tolist() == [1, 0, 0]


def test_it_has_silent_leads_without_an_outcome_time():
    lead(30)

    found = read_dataset(now=NOW)

    assert np.isnat(found.outcome_at).tolist() == [True]
    assert found.converted.tolist() == [0]


def test_it_has_waiting_leads_too_but_none_from_the_future():
    lead(5)
    lead(-1)

    found = read_dataset(now=NOW)

    assert len(found) == 1
    assert len(found.known_at(NOW)) == 0


def test_it_leaves_out_spam_and_counts_it():
    lead(30, (State.SPAM, 1), city="Rome")
    lead(29, (State.BOOKED, 1), city="Oslo")

    found = read_dataset(now=NOW)

    assert len(found) == 1
    assert found.dropped["spam"] == 1
    assert words(found, "city") == ["Oslo"]


def test_it_prefers_what_a_score_saw():
    made = lead(30, city="Rome, corrected later", seen={"city": "Rome", "lead.source": "fair"})
    tomorrow = NOW + DAY
    Prediction.objects.create(lead=made, features={"city": "a score to come"}, at=tomorrow)
    lead(29, source="phone", city="Oslo")

    found = read_dataset(now=NOW)

    assert words(found, "city") == ["Rome", "Oslo"]
    assert words(found, "lead.source") == ["fair", "phone"]


def test_it_reads_every_kind_of_value():
    lead(30, size=3, share=0.5, returning=True, name='"quoted"\\\n\t,é', nothing=None)

    found = read_dataset(now=NOW)

    assert numbers(found, "size") == [3.0]
    assert numbers(found, "share") == [0.5]
    assert words(found, "returning") == ["true"]
    assert words(found, "name") == ['"quoted"\\\n\t,é']
    assert "nothing" not in found.columns


def test_it_drops_and_counts_a_number_no_float_can_hold():
    lead(30, size=10**400)
    lead(29, size=1)

    found = read_dataset(now=NOW)

    assert numbers(found, "size") == [1.0]
    assert found.dropped["unreadable"] == 1


def test_it_reads_an_empty_database():
    found = read_dataset(now=NOW)

    assert len(found) == 0
    assert found.columns == {}


def test_it_reads_more_leads_than_fit_one_piece():
    Lead.objects.bulk_create(
        Lead(
            attributes={"place": place},
            created_at=NOW - DAY - place * timedelta(minutes=1),
            matures_at=NOW - timedelta(hours=1),
        )
        for place in range(300)
    )

    assert numbers(read_dataset(now=NOW), "place") == [*range(299, -1, -1)]


def scored(made, **features):
    """Scores of a lead, by days after it came in."""
    for day, seen in sorted(features.items()):
        at = made.created_at + int(day.removeprefix("day")) * DAY
        heard = at if "message.count" in seen else None
        Prediction.objects.create(lead=made, features=seen, at=at, heard_until=heard)


def test_a_lead_that_wrote_stands_for_one_of_its_moments_and_all_are_met():
    for _ in range(60):
        scored(lead(30), day0={"message.count": 1}, day1={"message.count": 2}, day2={"message.count": 3})
    found = numbers(read_dataset(now=NOW), "message.count")
    assert len(found) == 60
    assert all(found.count(count) >= 8 for count in (1, 2, 3))
    assert found == numbers(read_dataset(now=NOW), "message.count")


def test_what_is_said_after_the_ending_or_maturity_is_never_read():
    for _ in range(20):
        scored(lead(30, (State.BOOKED, 2)), day1={"message.count": 1}, day3={"message.count": 9})
        scored(lead(30), day1={"message.count": 1}, day11={"message.count": 9})
    assert set(numbers(read_dataset(now=NOW), "message.count")) == {1.0}


def test_a_lead_that_first_wrote_after_its_ending_is_read_without_its_words():
    scored(lead(30, (State.BOOKED, 2), visits=4), day3={"visits": 5, "message.count": 1})
    found = read_dataset(now=NOW)
    assert numbers(found, "visits") == [4.0]
    assert "message.count" not in found.columns


def test_a_lead_that_came_in_with_its_ending_is_read_as_it_was_scored():
    made = lead(30, (State.BOOKED, 2), visits=4)
    came = made.created_at
    seen = {"visits": 5, "message.count": 1}
    Prediction.objects.create(lead=made, features=seen, at=came + 3 * DAY, heard_until=came)
    assert numbers(read_dataset(now=NOW), "message.count") == [1.0]
