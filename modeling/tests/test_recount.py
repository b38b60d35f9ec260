"""Live quality by week against a recount of the tables in plain loops, over random histories."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from statistics import fmean

import numpy as np
import pytest

from leads.models import Lead, Outcome, State
from modeling import measuring, registry
from modeling.models import Deployment, LiveQuality, ModelVersion, Prediction
from modeling.tests.cast import the
from modeling.tests.served import DAY, NOW, serving, sloping

pytestmark = pytest.mark.django_db

Key = tuple[int | None, date]
MODULUS, FACTOR, RANGE = 1_000_003, 2_654_435_761, 2**32


@pytest.fixture(autouse=True)
def _few_leads_tell(monkeypatch):
    monkeypatch.setattr("modeling.live.FEWEST_LEADS", 4)
    monkeypatch.setattr("modeling.live.FEWEST_OF_A_KIND", 1)


class Business:
    """Some weeks of three versions: leads that are scored again, corrected, called spam, and erased."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.versions = [
            serving(sloping(slope), days_ago=90 - k).version for k, slope in enumerate((0.2, 0.4, 0.6))
        ]
        self.leads: list[Lead] = []

    def morning(self, today: datetime) -> None:
        """What happened since yesterday."""
        for _ in range(self.random.randrange(1, 5)):
            self.comes(today - self.hours())
        for lead in self.random.sample(self.leads, min(4, len(self.leads))):
            self.random.choice([self.scored, self.ends, self.ends, self.corrected])(
                lead, today - self.hours()
            )
        if self.random.random() < 0.1:
            target = self.random.choice(self.versions).version
            registry.roll_back(to=target, actor="ada", reason="it was better")

    def hours(self) -> timedelta:
        return timedelta(hours=self.random.uniform(2, 23))

    def comes(self, at: datetime) -> None:
        lead = Lead.objects.create(source="web", attributes={}, created_at=at, matures_at=at + 6 * DAY)
        self.leads.append(lead)
        self.scored(lead, at)

    def scored(self, lead: Lead, at: datetime) -> None:
        """Also when it has ended, or matured; sometimes by nobody."""
        serving_now = registry.champion()
        version = None if self.random.random() < 0.1 or serving_now is None else serving_now.version
        said = None if version is None else round(self.random.random(), 2)
        Prediction.objects.create(lead=lead, version=version, probability=said, features={}, at=at)

    def ends(self, lead: Lead, at: datetime) -> None:
        """Reported now; it happened any time since the lead came in."""
        happened = lead.created_at + self.random.random() * (min(at, lead.matures_at) - lead.created_at)
        state = self.random.choice([State.BOOKED, State.GHOSTED, State.UNQUALIFIED])
        Outcome.objects.create(lead=lead, state=state, occurred_at=happened, recorded_at=at)

    def corrected(self, lead: Lead, at: datetime) -> None:
        state = self.random.choice([State.SPAM, State.BOOKED, State.GHOSTED])
        happened = lead.created_at + 0.9 * (min(at, lead.matures_at) - lead.created_at)
        Outcome.objects.create(lead=lead, state=state, occurred_at=happened, recorded_at=at)

    def erase(self) -> Lead:
        lead = self.leads.pop(self.random.randrange(len(self.leads)))
        Lead.objects.filter(pk=lead.pk).delete()
        return lead


def recounted(now: datetime) -> dict[Key, dict[str, float]]:
    """Every week of every version, and of what served, as the tables stand."""
    by_key: dict[Key, list[tuple[float, bool, int]]] = {}
    for lead in Lead.objects.prefetch_related("outcomes", "predictions"):
        newest = max(lead.outcomes.all(), key=lambda row: (row.recorded_at, row.pk), default=None)
        if lead.matures_at > now or (newest is not None and newest.state == State.SPAM):
            continue
        monday = lead.matures_at.date() - timedelta(days=lead.matures_at.weekday())
        won = newest is not None and newest.state == State.BOOKED
        end = min(newest.occurred_at, lead.matures_at) if newest else lead.matures_at
        for version, score, of in drawn([row for row in lead.predictions.all() if row.at < end]):
            by_key.setdefault((version, monday), []).append((score, won, of))
    return {key: counted(rows) for key, rows in by_key.items()}


def drawn(forecasts: list[Prediction]) -> Iterator[tuple[int | None, float, int]]:
    """One of the moments of each version, and one of all."""
    given = [row for row in forecasts if row.version_id is not None]
    given.sort(key=lambda row: row.pk % MODULUS * FACTOR % RANGE)
    first: dict[int | None, Prediction] = {}
    for row in given:
        first.setdefault(row.version_id, row)
        first.setdefault(None, row)
    for version, row in first.items():
        yield version, the(row.probability), the(row.version_id)


def counted(rows: list[tuple[float, bool, int]]) -> dict[str, float]:
    scores, won = [score for score, _, _ in rows], [won for _, won, _ in rows]
    promised: dict[int, float] = dict(ModelVersion.objects.values_list("version", "auc"))
    told = {
        "leads": len(rows), "converted": sum(won), "rate": fmean(won), "mean_score": fmean(scores),
        "brier": fmean((score - end) ** 2 for score, end in zip(scores, won, strict=True)),
        "holdout_auc": fmean(promised[version] for _, _, version in rows),
    }  # fmt: skip
    if len(rows) >= 4 and 0 < sum(won) < len(rows):
        pairs = [(a, b) for a, end in zip(scores, won, strict=True) if end
                 for b, other in zip(scores, won, strict=True) if not other]  # fmt: skip
        told["auc"] = fmean(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs)
    return told


def stored() -> dict[Key, dict[str, float]]:
    names = ("leads", "converted", "rate", "mean_score", "brier", "holdout_auc", "auc")
    return {
        (row.version_id, row.starts): {
            name: getattr(row, name) for name in names if getattr(row, name) is not None
        }
        for row in LiveQuality.objects.filter(span="week")
    }


def agree(now: datetime) -> None:
    expected, found = recounted(now), stored()
    assert found.keys() == expected.keys()
    for key, told in expected.items():
        assert found[key] == pytest.approx(told, abs=1e-9), key


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happened_the_weeks_are_what_the_tables_say(seed):
    business = Business(seed)
    for days in range(30, -1, -1):
        today = NOW - days * DAY
        business.morning(today)
        if business.random.random() < 0.7:  # some nights are missed
            measuring.measure(now=today)
    measuring.measure(now=NOW)
    agree(NOW)
    assert Deployment.objects.exists()


@pytest.mark.parametrize("seed", range(4))
def test_erased_leads_break_nothing_and_are_never_measured_again(seed):
    business = Business(seed)
    for days in range(30, -1, -1):
        business.morning(NOW - days * DAY)
        measuring.measure(now=NOW - days * DAY)
        if len(business.leads) > 5 and days % 3 == 0:
            business.erase()
    for row in LiveQuality.objects.filter(span="week"):
        assert np.isfinite([row.rate, row.mean_score, row.brier, row.ece, row.log_loss]).all()
    LiveQuality.objects.all().delete()
    measuring.measure(now=NOW)
    agree(NOW)
