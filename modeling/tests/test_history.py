"""A history file becomes a Dataset."""

from datetime import UTC, datetime, timedelta

import numpy as np

from leads.csvfile import HistoryLead, Reject
from modeling.history import record, shortened

CAME = datetime(2025, 1, 1, tzinfo=UTC)


def lead(day, state="booked", *, ended=None, **attributes):
    came = CAME + timedelta(days=day)
    return HistoryLead(
        line=day,
        external_id=f"lead {day}",
        created_at=came,
        matures_at=came + timedelta(days=10),
        state=state,
        occurred_at=ended and CAME + timedelta(days=ended),
        source="web",
        attributes=attributes,
    )


def numbers(dataset, name):
    return list(dataset.columns[name].numbers)


def test_it_orders_leads_by_arrival_with_their_endings():
    leads = record([lead(3, "ghosted", ended=5, size=1), lead(1, ended=2, size=2)]).leads

    assert leads.ids.tolist() == ["lead 1", "lead 3"]
    assert leads.converted.tolist() == [1, 0]
    assert leads.outcome_at.tolist() == [datetime(2025, 1, 3), datetime(2025, 1, 6)]
    assert numbers(leads, "size") == [2.0, 1.0]
    assert leads.columns["lead.source"].vocabulary == ["web"]


def test_it_takes_an_ending_without_a_time_as_known_at_maturity():
    leads = record([lead(1)]).leads

    assert leads.outcome_at.tolist() == leads.matures_at.tolist()


def test_it_has_no_outcome_time_for_a_silent_lead():
    leads = record([lead(1, None)]).leads

    assert np.isnat(leads.outcome_at).all()
    assert leads.converted.tolist() == [0]


def test_it_counts_spam_and_rejects_by_reason():
    found = record([lead(1), lead(2, "spam"), Reject(3, "no date"), Reject(4, "no date"), Reject(5, "empty")])

    assert len(found.leads) == 1
    assert found.leads.dropped == {"spam": 1}
    assert found.rejects == {"no date": 2, "empty": 1}


def test_it_counts_rows_together_whose_reasons_quote_different_cells():
    ended = [Reject(k, f"ended 2024-01-{k:02}, before it came in on 2024-02-{k:02}") for k in range(1, 9)]
    found = record([*ended, Reject(9, "id 'a1' is on an earlier line too")])

    assert found.rejects == {"ended …, before it came in on …": 8, "id … is on an earlier line too": 1}


def test_it_counts_many_different_reasons_together():
    found = record([Reject(line, f"reason {line}") for line in range(80)])

    assert len(found.rejects) == 51
    assert found.rejects["other reasons"] == 30


def test_it_shortens_the_horizon_of_a_short_file():
    leads = record([lead(day) for day in range(21)]).leads

    hurried, taken = shortened(leads, timedelta(days=30))

    assert taken == timedelta(days=2)
    assert (hurried.matures_at - hurried.created_at == np.timedelta64(taken)).all()
    assert hurried.outcome_at.tolist() == hurried.matures_at.tolist()


def test_it_leaves_a_long_file_as_it_is():
    leads = record([lead(day) for day in range(21)]).leads

    assert shortened(leads, timedelta(days=5)) == (leads, timedelta(days=5))
