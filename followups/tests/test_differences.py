"""What changed between two versions, in words."""

import pytest

from followups.differences import Change, changes
from followups.documents import read, written
from followups.tests.sales import step


def document(**fields) -> dict:
    """Of two steps, as it is stored."""
    return written(read({"steps": [step("30m"), step("1d", body="Last call")], **fields}))


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (document(), []),
        (
            document(steps=[step("45m"), step("1d", body="Last call")]),
            [Change("step 1, after", "30m", "45m")],
        ),
        (document(steps=[step("30m")]), [Change("step 2", "1d, console: Last call", "")]),
        (
            document(steps=[step("30m"), step("1d", body="Last call"), step("2d", body="Bye")]),
            [Change("step 3", "", "2d, console: Bye")],
        ),
        (document(hold_out=0.1), [Change("held out", "0 %", "10 %")]),
        (document(stops={"reply": False}), [Change("what ends it, reply", "yes", "no")]),
        (document(caps={"lead_per_day": None}), [Change("at most, a day to one lead", "3", "no limit")]),
        (document(conditions={"sources": ["web"]}), [Change("who enters, sources", "none", "web")]),
        (
            document(hours={"quiet": [], "windows": [{"days": ["mon"], "start": "09:00", "end": "17:00"}]}),
            [
                Change("when, quiet", "every day 21:00-08:00", "none"),
                Change("when, windows", "none", "mon 09:00-17:00"),
            ],
        ),
    ],
)
def test_it_tells_what_changed(after, told):
    assert changes(document(), after) == told
