"""Reads what is known when a run is over."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.chaos import counting, journal
from benchmarks.chaos.evidence import Delivery, Evidence, Row
from benchmarks.chaos.killing import Kill
from benchmarks.chaos.ledger import read
from benchmarks.chaos.traffic import Traffic
from followups.models import FollowUp


def gathered(*, ledger: Path, kills: Iterable[Kill], traffic: Traffic, waiting: Iterable[str]) -> Evidence:
    """Everything the laws look at."""
    entries = defaultdict(list)
    for entry in journal.entries():
        entries[entry.followup].append(entry)
    rows, told = list(_rows()), list(kills)
    return Evidence(
        rows=rows,
        deliveries=list(deliveries(ledger)),
        journal=entries,
        kills=told,
        goodbyes=traffic.goodbyes,
        promised=frozenset([*waiting, *traffic.promised]),
        counted=list(counting.counted(traffic.scrapes, rows, entries, told)),
        went_back=traffic.scrapes.went_back,
    )


def deliveries(ledger: Path) -> Iterator[Delivery]:
    """What the sinks wrote down."""
    for line in read(ledger):
        payload = line["payload"]
        person = payload["to"][0].partition("@")[0] if "to" in payload else payload["data"]["external_id"]
        yield Delivery(
            at=line["at"], sink=line["sink"], key=line["key"], person=person,
            receipt=line.get("receipt", ""), effect=line["what"] == "effect",
        )  # fmt: skip


def _rows() -> Iterator[Row]:
    for row in FollowUp.objects.select_related("lead", "policy").iterator():
        yield Row(
            id=str(row.pk), person=str(row.lead.external_id), sink=row.policy.name.split()[0],
            status=row.status, reason=row.reason, receipt=row.receipt,
        )  # fmt: skip
