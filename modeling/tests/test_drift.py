"""Drift: seen when leads change, and not seen when they do not."""

import numpy as np
import pytest

from modeling.binning import code, fit_bins
from modeling.coarse import coarsened, counted, segment
from modeling.dataset import Column, Dataset
from modeling.drift import Sides, compared, score_shift, shifts
from modeling.features import Bins, FeatureSpec
from modeling.scorecard import Card, Term
from modeling.tests.worlds import START, words
from modeling.usual import reach, windows

CHANNELS = ["ads", "fair", "partner", "search", "rare1", "rare2"]
USUAL = (0.3, 0.2, 0.25, 0.23, 0.01, 0.01)


def leads(n, *, seed, channels=USUAL, spread=1.0, count=3.0, missing=0.1) -> Dataset:
    rng = np.random.default_rng(seed)
    came = np.datetime64(START.replace(tzinfo=None), "us") + np.arange(n) * np.timedelta64(1, "h")
    budget = np.where(rng.random(n) < missing, np.nan, rng.lognormal(5, spread, n))
    return Dataset.ordered(
        ids=np.arange(n),
        created_at=came,
        matures_at=came,
        outcome_at=came,
        converted=(rng.random(n) < 0.3).astype(np.int8),
        columns={
            "channel": words(list(rng.choice(CHANNELS, n, p=channels))),
            "budget": Column(numbers=budget),
            "message.count": Column(numbers=rng.poisson(count, n).astype(np.float64)),
        },
    )


PAST = leads(5000, seed=1)


def term(name: str) -> Term:
    bins = fit_bins(FeatureSpec(name, name), PAST)
    support = tuple(np.bincount(code(bins, PAST), minlength=bins.size).tolist())
    return Term(bins=bins, table=(0.0,) * bins.size, support=support, integer=name == "message.count")


CARD = Card(
    base=0.0,
    terms=(term("channel"), term("budget"), term("message.count")),
    pairs=(),
    grades=(0.8, 0.5, 0.2),
    n_train=5000,
)
NO_WINDOW = np.zeros(3000, dtype=np.int64)
YOUNG = frozenset({"message.count"})


def sides(now: Dataset, reference: Dataset = PAST, learned: Dataset = PAST) -> Sides:
    return Sides(learned=learned, reference=reference, current=now, days=14)


def found(now: Dataset, reference: Dataset = PAST) -> dict[str, float]:
    return {shift.feature: shift.excess for shift in shifts(CARD, sides(now, reference), young=YOUNG)}


def test_leads_of_the_same_kind_do_not_drift():
    assert found(leads(400, seed=2)) == {"channel": 0.0, "budget": 0.0, "message.count": 0.0}


@pytest.mark.parametrize("size", [100, 400, 3000])
def test_false_alarms_are_as_rare_as_they_should_be(size):
    nights = [found(leads(size, seed=seed)) for seed in range(60)]
    alarms = sum(any(night.values()) for night in nights)
    assert alarms <= 4  # 1.2 of 60 nights are expected; more than 4 once in a hundred times


def test_a_channel_that_grows_is_named_with_its_shares():
    now = leads(400, seed=2, channels=(0.05, 0.2, 0.5, 0.23, 0.01, 0.01))
    shift = shifts(CARD, sides(now), young=YOUNG)[0]
    assert shift.excess > 0.25
    assert [one.name for one in shift.segments][:2] == ["ads", "partner"]
    ads = shift.segments[0]
    assert ads.before == pytest.approx(0.3, abs=0.03)
    assert ads.now == pytest.approx(0.05, abs=0.03)


def test_a_name_never_seen_before_is_seen():
    rng = np.random.default_rng(3)
    shares = [*(0.75 * share for share in USUAL), 0.25]
    names = [str(name) for name in rng.choice([*CHANNELS, "brand new"], 300, p=shares)]
    now = leads(300, seed=3)
    now = Dataset(**{**vars(now), "columns": {**now.columns, "channel": words([*names])}})
    shift = shifts(CARD, sides(now), young=YOUNG)[0]
    assert shift.excess > 0.25
    assert shift.segments[0].name == "others, rare or new"


def test_numbers_that_move_and_numbers_that_go_missing_are_seen():
    wider = found(leads(400, seed=2, spread=2.5))
    gone = found(leads(400, seed=2, missing=0.6))
    assert wider["budget"] > 0.25
    assert gone["budget"] > 0.25
    assert wider["channel"] == gone["channel"] == 0.0


def test_what_messages_say_is_compared_with_leads_as_young():
    now = leads(400, seed=2, count=1.0)
    assert found(now)["message.count"] > 0.25
    assert found(now, reference=leads(2000, seed=4, count=1.0))["message.count"] == 0.0


def test_too_few_leads_on_either_side_are_no_verdict():
    assert found(leads(99, seed=2)) == {}
    assert sorted(found(leads(400, seed=2), reference=leads(99, seed=3))) == ["budget", "channel"]


def test_a_month_is_told_but_never_drifts():
    month = FeatureSpec("lead.month", "lead.created_at", "month")
    bins = Bins(month, edges=tuple(float(k) for k in range(2, 13)))
    card = Card(
        base=0.0, terms=(Term(bins, (0.0,) * bins.size, (0, *[400] * 12)),), pairs=(), grades=(0.8, 0.5, 0.2),
        n_train=4800,
    )  # fmt: skip
    [shift] = shifts(card, sides(leads(300, seed=2)), young=YOUNG)
    assert shift.psi > 1.0
    assert (shift.seasonal, shift.excess) == (True, 0.0)


def test_noise_is_what_small_numbers_give():
    """The index of noise alone is about (bins - 1) (1/n + 1/m)."""
    rng = np.random.default_rng(6)
    shares = np.full(20, 0.05)
    shift = compared("x", rng.multinomial(400, shares), rng.multinomial(200, shares), [""] * 20, level=0.01)
    assert shift.noise == pytest.approx(19 * (1 / 400 + 1 / 200), rel=0.15)
    assert shift.noise < shift.bound < 4 * shift.noise


def test_scores_are_compared_in_tenths():
    rng = np.random.default_rng(7)
    before, same, lower = rng.beta(2, 5, 3000), rng.beta(2, 5, 400), rng.beta(1, 7, 400)
    assert score_shift(before, same, window=NO_WINDOW, features=5).excess == 0.0
    moved = score_shift(before, lower, window=NO_WINDOW, features=5)
    assert moved.excess > 0.25
    assert moved.segments[0].name.startswith("below ")
    assert score_shift(before, lower[:99], window=NO_WINDOW, features=5) is None
    assert score_shift(np.full(300, 0.2), np.full(300, 0.2), window=NO_WINDOW[:300], features=5).excess == 0.0


@pytest.mark.parametrize("name", ["channel", "budget", "message.count"])
def test_coarse_bins_hold_the_same_leads(name):
    fine = term(name)
    coarse = coarsened(fine)
    now = leads(500, seed=8)
    at_once = np.bincount(code(coarse, now), minlength=coarse.size)
    added_up = counted(fine.bins, coarse, np.bincount(code(fine.bins, now), minlength=fine.bins.size))
    assert at_once.tolist() == added_up.tolist()
    assert coarse.size <= min(fine.bins.size + 1, 13)


def test_coarse_bins_have_names_a_person_reads():
    channel, count = coarsened(term("channel")), coarsened(term("message.count"))
    named = {segment(channel, k, integer=False) for k in range(channel.size)}
    assert named == {"missing", "ads", "fair", "partner", "search", "others, rare or new"}
    assert segment(count, 1, integer=True) in {"0", "1 or less"}


def seasonal(fortnights: int, *, rush: float) -> Dataset:
    """Every third fortnight the partner sends far more than usual."""
    shares = [(0.9 - rush, 0.05, rush, 0.03, 0.01, 0.01) if k % 3 == 2 else USUAL for k in range(fortnights)]
    parts = [leads(336, seed=20 + k, channels=each) for k, each in enumerate(shares)]
    names = [name for part in parts for name in worded(part)]
    whole = leads(336 * fortnights, seed=1)
    return Dataset(**{**vars(whole), "columns": {**whole.columns, "channel": words([*names])}})


def worded(part: Dataset) -> list[str]:
    column = part.columns["channel"]
    return [column.vocabulary[code] for code in column.codes.tolist()]


def test_what_happens_every_few_weeks_is_no_drift():
    learned = seasonal(15, rush=0.7)
    bins = fit_bins(FeatureSpec("channel", "channel"), learned)
    support = tuple(np.bincount(code(bins, learned), minlength=bins.size).tolist())
    card = Card(
        base=0.0, terms=(Term(bins, (0.0,) * bins.size, support),), pairs=(), grades=(0.8, 0.5, 0.2),
        n_train=5040,
    )  # fmt: skip
    rush = leads(336, seed=90, channels=(0.2, 0.05, 0.7, 0.03, 0.01, 0.01))
    strange = leads(336, seed=91, channels=(0.01, 0.01, 0.01, 0.02, 0.475, 0.475))
    told, unheard_of = (shifts(card, sides(now, learned=learned), young=YOUNG)[0] for now in (rush, strange))
    assert told.psi - told.noise > 0.25
    assert told.psi > told.bound
    assert told.excess == 0.0
    assert unheard_of.excess > 0.25


def test_a_short_past_does_not_tell_what_is_usual():
    window = np.repeat(np.arange(5), 200)
    groups = np.where(window == 4, 1, 0)
    before = np.bincount(groups)
    assert reach(before, groups, window) == 0.0
    longer = np.repeat(np.arange(6), 200)
    assert reach(before, np.where(longer == 5, 1, 0), longer) > 1.0
    assert reach(before, groups[:0], window[:0]) == 0.0


def test_windows_follow_one_another():
    assert np.unique(windows(leads(24 * 30, seed=1), 7), return_counts=True)[1].tolist() == [168] * 4 + [48]
