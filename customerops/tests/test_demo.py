"""The demo world comes in through the real doors."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import orjson
import pytest
from django.core.management import CommandError, call_command

from customerops import demo, demo_live
from followups import policies
from followups.models import Enrolment
from leads import simulation
from leads.models import Lead, Outcome
from leads.simulation import HORIZON, truth
from modeling.models import FeatureRule, Prediction

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_loading_goes_through_intake_and_a_second_run_adds_nothing():
    added = demo.load(seed=7, days=30, now=NOW)
    assert added.leads == Lead.objects.count() == Prediction.objects.count()
    assert added.outcomes + added.ghosted == Outcome.objects.count()

    again = demo.load(seed=7, days=30, now=NOW)
    assert again == demo.Loaded()


@pytest.mark.django_db
def test_leads_carry_their_own_dates_and_endings_wait_for_theirs():
    demo.load(seed=7, days=30, now=NOW)
    oldest = Lead.objects.earliest("created_at")
    assert oldest.created_at.date() == (NOW - timedelta(days=30)).date()
    assert oldest.matures_at == oldest.created_at + HORIZON
    assert Outcome.objects.latest("occurred_at").occurred_at < NOW
    assert not Lead.objects.matured(now=NOW).filter(outcomes=None).exists()


@pytest.mark.django_db
def test_only_leads_that_come_in_later_are_followed_up_and_what_a_person_changed_stays():
    call_command("simulate", "--days", "3", "--verbosity", "0")
    assert not Enrolment.objects.exists()
    [live] = policies.live()
    assert [step.channel for step in live.plan.steps] == ["console"] * 3
    policies.throw_switch(policy=live.policy, on=False, actor="ada", now=NOW)
    call_command("simulate", "--days", "3", "--verbosity", "0")
    assert policies.live() == []


@pytest.mark.django_db
def test_the_next_day_goes_on_in_the_same_world():
    demo.load(seed=7, days=20, now=NOW)
    first = set(Lead.objects.values_list("external_id", flat=True))
    added = demo.load(seed=7, days=21, now=NOW + timedelta(days=1))
    new = set(Lead.objects.values_list("external_id", flat=True)) - first
    assert len(new) == added.leads
    assert all("-20260301-" in str(name) for name in new)
    assert added.outcomes > 0


@pytest.mark.django_db
def test_without_a_model_there_is_nothing_to_appraise():
    demo.load(seed=7, days=20, now=NOW)
    assert demo.appraise(seed=7, days=20, now=NOW) is None


@pytest.mark.django_db
def test_the_command_tells_what_it_added_and_words_the_reasons():
    told = str(call_command("simulate", days=5, verbosity=0))
    assert f"{Lead.objects.count():,} leads" in told
    assert FeatureRule.objects.get(name="lead.source").phrase == "came through {value}"
    FeatureRule.objects.update(phrase="mine")
    call_command("simulate", days=5, verbosity=0)
    assert set(FeatureRule.objects.values_list("phrase", flat=True)) == {"mine"}


@pytest.mark.parametrize("flags", [["--days", "0"], ["--live", "--rate", "fast"], ["--live"]])
def test_nonsense_is_refused(flags, monkeypatch):
    monkeypatch.delenv("CUSTOMEROPS_API_KEY", raising=False)
    with pytest.raises(CommandError):
        call_command("simulate", *flags)


class Door(BaseHTTPRequestHandler):
    """A server that is away for the first two calls."""

    failures = 2
    calls: list[tuple[str, dict[str, object]]] = []

    def do_POST(self) -> None:
        body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.calls.append((self.path, body))
        failing = len(self.calls) <= self.failures
        answer = {
            "lead_id": f"id-{len(self.calls)}",
            "probability": 0.5,
            "grade": "B",
            "reasons": [{"text": "why", "effect": 0.2}],
        }
        if self.path.endswith("/messages"):
            judged = {"label": "other"}
            answer["messages"] = [
                {"text": "[PHONE]", "intent": judged, "sentiment": judged, "urgency": judged}
            ]
        self.send_response(503 if failing else 401 if self.headers["x-api-key"] == "wrong" else 201)
        self.end_headers()
        self.wfile.write(orjson.dumps(answer))

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def door(monkeypatch) -> Iterator[str]:
    monkeypatch.setattr(demo_live, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(Door, "calls", [])
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_live_leads_and_endings_arrive_and_a_server_that_is_away_is_waited_for(door):
    said: list[str] = []
    api = demo_live.Api(url=door, key="key", say=said.append)
    assert demo_live.run(api=api, seed=7, rate=500, day_seconds=0.001, limit=20) == 20

    leads = [body for path, body in Door.calls if path == "/v1/leads"]
    assert leads[0] == leads[1] == leads[2]  # the same lead until it was taken
    assert len({str(lead["external_id"]) for lead in leads}) == 20
    assert all(0 < truth(str(lead["external_id"])) < 1 for lead in leads)
    endings = [path for path, _ in Door.calls if path.endswith("/outcome")]
    assert endings
    assert any(lead.get("message") for lead in leads)
    assert any(path.endswith("/messages") for path, _ in Door.calls)
    assert any("says “[PHONE]”  (other, other, other urgency)" in line for line in said)
    assert said[0].startswith("waiting for http")
    assert "0.50 B  + why" in said[1]


def test_a_live_line_shows_what_weighs_most_for_or_against():
    lead = simulation.lead(seed=7, day=NOW.date(), number=1, era=simulation.AFTER)
    effects = {"slightly": 0.1, "much less": -0.9, "more": 0.4}
    reasons = [{"text": text, "effect": effect} for text, effect in effects.items()]
    line = demo_live._line(lead, {"lead_id": "0b", "probability": 0.061, "grade": "D", "reasons": reasons})
    assert line == "0b  0.06 D  - much less; + more"


def test_live_stops_when_its_key_is_refused(door, monkeypatch):
    monkeypatch.setattr(Door, "failures", 0)
    api = demo_live.Api(url=door, key="wrong", say=str)
    with pytest.raises(demo_live.RefusedError, match="/v1/leads answered 401"):
        demo_live.run(api=api, seed=7, rate=500, day_seconds=1, limit=1)
