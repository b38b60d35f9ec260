"""When a serving version no longer keeps its promise, and since when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from modeling.breaks import broken_promise
from modeling.models import LiveQuality
from modeling.tests.cast import the
from modeling.tests.served import NOW, sloping, version_of

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 2, 2)  # four weeks before NOW
PLAIN = {
    "leads": 400, "converted": 100, "rate": 0.25, "mean_score": 0.25, "expected_auc": 0.8, "brier": 0.2,
    "log_loss": 0.6, "ece": 0.02, "measured_at": NOW,
}  # fmt: skip


@pytest.fixture
def version():
    """The gate saw 0.8, and 0.78 at least."""
    return version_of(sloping(), auc=0.8, low=0.78)


def recent(version, auc: float | None, *, reach: float = 0.03) -> None:
    bounds = {} if auc is None else {"auc_low": auc - reach, "auc_high": auc + reach}
    LiveQuality.objects.create(
        version=version, span="recent", starts=MONDAY, ends=NOW.date(), auc=auc, **bounds, **PLAIN
    )


def week(number: int, auc: float | None) -> None:
    """Before (below 0) or after the recent leads begin."""
    starts = MONDAY + timedelta(weeks=number)
    bounds = {} if auc is None else {"auc_low": auc - 0.02, "auc_high": auc + 0.02}
    LiveQuality.objects.create(
        span="week", starts=starts, ends=starts + timedelta(weeks=1), auc=auc, **bounds, **PLAIN
    )


def test_what_was_not_measured_breaks_nothing(version):
    assert broken_promise(version) is None
    recent(version, None)
    assert broken_promise(version) is None


@pytest.mark.parametrize(("auc", "broken"), [(0.8, False), (0.71, False), (0.69, True), (0.5, True)])
def test_the_whole_interval_has_to_lie_below_what_the_gate_saw(version, auc, broken):
    recent(version, auc)
    assert (broken_promise(version) is not None) is broken


@pytest.mark.parametrize(("usual", "broken"), [(0.8, True), (0.72, False)])
def test_life_that_was_always_harder_than_the_gates_leads_is_no_break(version, usual, broken):
    for number in range(-6, 0):
        week(number, usual)
    recent(version, 0.66)
    assert (broken_promise(version) is not None) is broken


def test_leads_in_the_wrong_order_are_a_break_whatever_was_promised():
    hopeless = version_of(sloping(), auc=0.4, low=0.35)
    recent(hopeless, 0.45)
    assert "was judged with 0.400" in the(broken_promise(hopeless)).sentence


def test_it_began_with_the_first_of_the_weeks_that_fell_short(version):
    for number, auc in ((-3, 0.8), (-2, 0.5), (-1, 0.79), (0, 0.8), (1, 0.55), (2, None), (3, 0.6)):
        week(number, auc)
    recent(version, 0.6)
    assert the(broken_promise(version)).since == datetime(2026, 2, 9, tzinfo=UTC)


def test_weeks_with_few_leads_do_not_tell_so_it_began_with_the_recent_leads(version):
    for number in range(4):
        week(number, None)
    recent(version, 0.6)
    found = the(broken_promise(version))
    assert found.since.date() == MONDAY
    assert found.evidence["auc_high"] == 0.63
