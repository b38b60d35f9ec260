"""What pages take for granted: people with leads, versions that serve, a policy, and files of a history."""

import gzip
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from django.utils.timezone import now

from customerops.embedded.paths import ROOT
from customerops.tests.cast import key
from customerops.tests.people import ADA, BEN, arrived
from followups import policies
from modeling import registry
from modeling.tests.cast import archived, past_leads, promoted, the
from privacy import gravestones

CLEO = {"name": "Cleo Marquard", "email": "cleo@example.org"}


def made(folder: Path) -> dict[str, str]:
    """Put there; answers the variables of the pages."""
    past_leads()
    promoted(base=0.1), promoted(base=0.2)
    arrived("ada-1", ADA), arrived("crm-17", BEN)
    cleo, other = arrived("cleo-1", CLEO), arrived("dan-1", None)
    files(folder)
    return {
        "KEY": key("read", "write", "ops"),
        "PREFIX": key("read").partition(".")[0],
        "LEAD_ID": str(cleo.pk),
        "OTHER_ID": str(other.pk),
    }


def files(folder: Path) -> None:
    """What commands read; nobody whom another test erased is remembered."""
    gravestones.file().unlink(missing_ok=True)
    shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("secrets", ".env"))
    (folder / "leads.csv").write_text("\n".join(history()))
    (folder / "resort_hotel.csv.gz").write_bytes(gzip.compress("\n".join(hotel()).encode()))


def history() -> Iterator[str]:
    """With the columns of the README's example: partners and those who visit often win more."""
    random = Random(7)
    yield "arrived,ended,channel,visits"
    for number in range(800):
        day = now() - timedelta(days=260 - number / 4)
        channel, visits = random.choice(["partner", "web"]), random.randrange(8)
        won = random.random() < 0.1 + 0.4 * (channel == "partner") + 0.04 * visits
        yield f"{day:%Y-%m-%d %H:%M},{'Won' if won else 'Lost'},{channel},{visits}"


def hotel() -> Iterator[str]:
    """The columns of a public history that is not part of this repository, with bookings made up.

    Until its last months they are too few to learn from, so that a replay trains seldom.
    """
    random = Random(7)
    yield (
        "booked_on,arrives_on,reservation_status,resolved_on,lead_time,market_segment,"
        "assigned_room_type,booking_changes,days_in_waiting_list"
    )
    start = datetime(2015, 7, 1, tzinfo=UTC)
    for day in [*range(0, 640, 4), *(640 + number / 2 for number in range(180))]:
        booked = start + timedelta(days=day)
        wait, direct = random.randrange(30), random.random() < 0.3
        arrives = booked + timedelta(days=wait)
        stays = random.random() < 0.5 + 0.35 * direct - 0.004 * wait
        ended = "Check-Out" if stays else random.choice(["Canceled", "No-Show"])
        dates = f"{booked:%Y-%m-%d},{arrives:%Y-%m-%d},{ended},{arrives:%Y-%m-%d}"
        yield f"{dates},{wait},{'Direct' if direct else 'Agency'},A,{random.randrange(3)},0"


def policy(name: str) -> None:
    """One that is on and says a word after half an hour."""
    step = {"after": "30m", "channel": "console", "body": "Still there?"}
    version = policies.create(name=name, document={"steps": [step]}, author="ada", now=now())
    policies.throw_switch(policy=version.policy, on=True, actor="ada", now=now())


def tried_out() -> int:
    """Another version than the one that served, whose number is answered, so that somebody may go back."""
    before = the(registry.champion()).version_id
    version = archived(base=Random().uniform(1, 2)).version
    registry.force(version=version, actor="ada", reason="a try")
    return before
