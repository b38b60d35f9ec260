"""Splits in time."""

from itertools import pairwise

import numpy as np

from modeling.dataset import Dataset
from modeling.periods import FOLDS, forward_folds, held_out, split
from modeling.tests.worlds import world


def test_what_is_held_out_became_known_after_everything_before():
    known = world(1000).leads.known_at(world(1000).end)
    found = held_out(known)

    assert len(found.later) == 200
    assert found.past.matures_at.max() < found.later.matures_at.min()
    assert not set(found.past.ids) & set(found.later.ids)


def test_folds_chain_forward():
    folds = forward_folds(world(1000).leads.known_at(world(1000).end))

    assert len(folds) == FOLDS
    for earlier, later in pairwise(folds):
        assert len(earlier.past) < len(later.past)
        assert later.later.matures_at.min() >= earlier.later.matures_at.max()


def test_the_past_has_the_labels_of_its_time():
    known = world(1000).leads.known_at(world(1000).end)
    late = Dataset(**{**known.__dict__, "outcome_at": known.outcome_at + np.timedelta64(60, "D")})
    found = split(late, 500, 1000)

    # bookings are heard 60 days later here: none that was heard of after the cut may be used before it
    cut = np.sort(late.matures_at)[499]
    booked = found.past.converted == 1
    assert booked.any()
    assert (found.past.outcome_at[booked] <= cut).all()
    assert found.past.dropped["settling"] > 0


def test_a_file_without_real_times_still_has_a_later_part():
    leads = world(400).leads
    flat = Dataset(**{**leads.__dict__, "matures_at": np.full(400, leads.matures_at[0])})
    found = held_out(flat)

    assert found.past.ids.tolist() == flat.ids[:320].tolist()
    assert len(found.later) == 80


def test_few_leads_give_no_folds():
    assert forward_folds(world(5).leads) == []
