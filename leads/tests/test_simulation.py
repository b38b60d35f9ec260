"""The demo world knows its own truth."""

from datetime import UTC, date, timedelta

import pytest

from leads import simulation
from leads.attributes import faults
from leads.simulation import DemoLead, truth, world

FIRST = date(2026, 1, 1)
DRIFT = date(2026, 2, 15)


@pytest.fixture(scope="module")
def leads() -> list[DemoLead]:
    return list(world(seed=7, first_day=FIRST, days=90, drift_day=DRIFT))


def test_the_same_seed_is_the_same_world(leads):
    assert list(world(seed=7, first_day=FIRST, days=90, drift_day=DRIFT)) == leads
    assert next(world(seed=8, first_day=FIRST, days=1, drift_day=DRIFT)) != leads[0]


def test_a_lead_is_the_same_whenever_the_world_begins(leads):
    later = {
        lead.external_id: lead for lead in world(seed=7, first_day=date(2026, 1, 20), days=5, drift_day=DRIFT)
    }
    assert {lead.external_id: lead for lead in leads if lead.external_id in later} == later


def test_the_truth_is_told_by_the_id_alone(leads):
    assert all(truth(lead.external_id) == lead.propensity for lead in leads[::100])
    with pytest.raises(ValueError, match="not a lead of the demo world"):
        truth("ada")


def test_ids_are_unique_and_leads_are_what_the_api_takes(leads):
    assert len({lead.external_id for lead in leads}) == len(leads)
    assert all(faults(lead.attributes) == [] for lead in leads)


def test_a_day_brings_about_fifty_leads_in_time_order(leads):
    assert 40 < len(leads) / 90 < 60
    assert [lead.created_at for lead in leads] == sorted(lead.created_at for lead in leads)
    assert leads[0].created_at.tzinfo == UTC


def test_all_six_states_occur_and_many_fall_silent(leads):
    states = {ending.state for lead in leads for ending in lead.endings}
    assert states == {"booked", "qualified", "nurture", "ghosted", "unqualified", "spam"}
    assert 0.2 < sum(not lead.endings for lead in leads) / len(leads) < 0.5


def test_endings_follow_the_lead_within_the_horizon(leads):
    for lead in leads:
        moments = [lead.created_at, *(ending.occurred_at for ending in lead.endings)]
        assert moments == sorted(moments)
        assert moments[-1] - moments[0] < simulation.HORIZON


def test_leads_book_as_often_as_their_propensity_says(leads):
    expected = sum(lead.propensity for lead in leads)
    assert sum(lead.books for lead in leads) == pytest.approx(expected, rel=0.1)


def test_the_truth_is_worth_learning(leads):
    found = simulation.auc([lead.propensity for lead in leads], [lead.books for lead in leads])
    assert found is not None
    assert 0.78 < found < 0.9


def test_the_partner_turns_bad_in_the_middle(leads):
    def rate(era: str) -> float:
        group = [lead.books for lead in leads if lead.source == "partner" and lead.external_id.endswith(era)]
        return group.count(True) / len(group)

    assert rate(simulation.BEFORE) > 2 * rate(simulation.AFTER)


@pytest.mark.parametrize(
    ("scores", "booked", "expected"),
    [
        ([0.1, 0.9], [False, True], 1.0),
        ([0.9, 0.1], [False, True], 0.0),
        ([0.5, 0.5], [False, True], 0.5),
        ([0.1, 0.4, 0.35, 0.8], [False, False, True, True], 0.75),
        ([0.1, 0.2], [True, True], None),
        ([], [], None),
    ],
)
def test_auc_counts_pairs(scores, booked, expected):
    assert simulation.auc(scores, booked) == expected


def test_days_before_the_drift_are_the_first_era(leads):
    for lead in leads:
        after = lead.created_at.date() >= DRIFT
        assert lead.external_id.endswith(simulation.AFTER if after else simulation.BEFORE)
        assert lead.created_at.date() < FIRST + timedelta(days=90)
