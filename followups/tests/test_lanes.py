"""How threads are shared among receivers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.lanes import BACK_A_SECOND, BACK_SECONDS, Lanes

CRM, SHOP = ("webhook", "crm"), ("webhook", "shop")


def filled(lanes: Lanes, lane=CRM, now=0.0) -> int:
    """As many as it may have."""
    number = 0
    while lanes.admits(lane):
        lanes.enter(lane, now=now)
        number += 1
    return number


@pytest.mark.parametrize(("threads", "alone"), [(1, 1), (2, 2), (4, 3), (128, 96)])
def test_one_alone_has_three_quarters(threads, alone):
    lanes = Lanes(threads=threads)
    assert lanes.most == alone
    assert (filled(lanes), lanes.free) == (alone, threads - alone)


def test_however_many_hang_something_is_left_for_the_next():
    lanes = Lanes(threads=128)
    taken = [filled(lanes, ("webhook", str(number))) for number in range(3)]
    assert taken == [96, 24, 6]
    assert lanes.admits(SHOP)


def test_what_ended_makes_room():
    lanes = Lanes(threads=4)
    filled(lanes)
    lanes.leave(CRM, entered=0.0)
    assert lanes.admits(CRM)
    assert filled(lanes) == 1


def test_a_lane_is_slow_once_what_is_open_is_old():
    lanes = Lanes(threads=4)
    assert not lanes.is_slow(CRM, now=9.0)
    lanes.enter(CRM, now=0.0)
    assert not lanes.is_slow(CRM, now=0.5)
    assert lanes.is_slow(CRM, now=0.6)
    lanes.enter(CRM, now=0.6)
    assert not lanes.is_slow(CRM, now=0.7)
    lanes.leave(CRM, entered=0.6)
    assert lanes.is_slow(CRM, now=0.7)
    assert not lanes.is_slow(SHOP, now=0.7)


def test_those_that_do_not_wait_come_back_one_after_the_other():
    lanes = Lanes(threads=4)
    lanes.enter(CRM, now=0.0)
    backs = [lanes.back_in(CRM, now=1.0) for _ in range(3)]
    assert backs == pytest.approx([BACK_SECONDS + number / BACK_A_SECOND for number in range(3)])
    assert lanes.back_in(CRM, now=60.0) == pytest.approx(BACK_SECONDS)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans())), st.integers(1, 40))
def test_no_thread_is_given_twice_or_lost(moves, threads):
    lanes, open_sends = Lanes(threads=threads), []
    for number, (which, enters) in enumerate(moves):
        lane = ("webhook", str(which))
        if enters and lanes.admits(lane):
            lanes.enter(lane, now=float(number))
            open_sends.append((lane, float(number)))
        elif not enters and open_sends:
            left, since = open_sends.pop(which % len(open_sends))
            lanes.leave(left, entered=since)
        assert lanes.free == threads - len(open_sends) >= 0
        assert lanes.free == 0 or lanes.admits(("email", "nobody yet"))
