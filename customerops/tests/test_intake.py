"""The story of a lead that comes in."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from django.db import IntegrityError

from customerops import intake, scoring
from customerops.api import predicting
from customerops.tests.cast import serve
from followups import enrolling
from leads.models import Lead
from leads.services import NewLead
from modeling import serving
from modeling.models import Prediction

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def receive(*leads: NewLead) -> list[intake.Answer]:
    return intake.receive(leads=leads, now=NOW)


def ada(visits: float = 3) -> NewLead:
    return NewLead(external_id="ada", source="partner", attributes={"visits": visits, "city": "Ulm"})


def test_a_lead_is_stored_with_its_score_and_what_the_score_saw():
    version = serve()
    [answer] = receive(ada())
    lead, prediction = Lead.objects.get(), Prediction.objects.get()
    assert answer.new
    assert answer.scored.score
    assert lead.probability == prediction.probability == answer.scored.score.probability
    assert (lead.model_version, lead.grade, lead.scored_at) == (version, prediction.grade, NOW)
    assert (prediction.version_id, prediction.lead_id, prediction.at) == (version, lead.pk, NOW)
    assert prediction.features == {"visits": 3, "city": "Ulm", "lead.source": "partner"}


def test_nothing_personal_is_stored_of_attributes_and_source():
    serve()
    given = {
        "visits": 3,
        "city": "Ulm",
        "email": "eve@x.org",
        "wishes": "quiet room, call 415 555 0134",
        "for": "eve",
    }
    lead = NewLead(source="@evelyn", attributes=given, contact={"name": "Eve Li"})
    receive(lead)
    kept = {**given, "email": "[EMAIL]", "wishes": "quiet room, call [PHONE]", "for": "[PERSON]"}
    stored = Lead.objects.get()
    assert (stored.attributes, stored.source) == (kept, "[USERNAME]")
    assert Prediction.objects.get().features == {**kept, "lead.source": "[USERNAME]"}


def test_a_question_is_scored_like_a_lead():
    serve()
    given = {"visits": 3, "city": "ask ann@x.org"}
    came = datetime(2026, 11, 1, tzinfo=UTC)
    [answer] = receive(NewLead(attributes=given, source="@evelyn", created_at=came))
    asked = {"attributes": given, "source": "@evelyn", "created_at": came.isoformat()}
    status, told = predicting.answer(asked)
    assert status == 200
    assert b"ann@" not in told
    assert orjson.loads(told)["probability"] == answer.scored.score.probability


def test_without_a_model_the_lead_is_kept_and_the_score_is_null():
    [answer] = receive(ada())
    lead, prediction = Lead.objects.get(), Prediction.objects.get()
    assert (lead.probability, lead.grade, lead.model_version, lead.scored_at) == (None, "", None, None)
    assert (prediction.probability, prediction.version_id) == (None, None)
    assert prediction.features["city"] == "Ulm"
    assert scoring.told(answer.scored)["reason"] == "no_model"


def test_a_repeated_lead_keeps_what_is_stored_and_answers_the_same():
    serve()
    [first] = receive(ada())
    [again] = receive(ada(visits=0))
    assert (again.new, again.lead.pk) == (False, first.lead.pk)
    assert scoring.told(again.scored) == scoring.told(first.scored)
    assert Prediction.objects.count() == 1


def test_a_repeated_lead_is_scored_again_when_another_version_serves():
    serve()
    receive(ada())
    newer = serve(base=1.0)
    [again] = receive(ada())
    stored = Lead.objects.get()
    assert again.scored.score
    assert (stored.model_version, stored.probability) == (newer, again.scored.score.probability)
    assert Prediction.objects.count() == 2


def test_a_known_score_survives_a_process_without_a_model(monkeypatch):
    version = serve()
    [answer] = receive(ada())
    monkeypatch.setattr(serving, "_serving", serving.Serving(role="none"))
    receive(ada())
    intake.rescore(lead=answer.lead, now=NOW)
    assert Lead.objects.get().model_version == version
    assert Prediction.objects.count() == 1


def test_doubles_in_a_batch_are_one_lead():
    serve()
    answers = receive(ada(), NewLead(), ada())
    assert [answer.new for answer in answers] == [True, True, False]
    assert (Lead.objects.count(), Prediction.objects.count()) == (2, 2)


def test_rescoring_keeps_the_history():
    serve()
    [answer] = receive(ada())
    newer = serve(base=1.0)
    intake.rescore(lead=Lead.objects.get(), now=NOW)
    assert Lead.objects.get().model_version == newer
    assert Prediction.objects.filter(lead=answer.lead).count() == 2


def test_a_thousand_leads_take_one_round_trip(django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(enrolling, "LIVE_SECONDS", 60)  # once a second policies are read as well
    serve()
    receive(ada())  # on a connection that has its statements prepared
    with django_assert_max_num_queries(1):
        receive(*(NewLead(attributes={"visits": number}) for number in range(1000)))
    assert Prediction.objects.exclude(probability=None).count() == 1001


@pytest.mark.django_db(transaction=True)
def test_a_lead_is_not_stored_without_what_its_score_saw():
    serve()
    current = serving.current()
    assert current
    serving._serving.loaded = replace(current, version=7)  # one Postgres does not know
    with pytest.raises(IntegrityError):
        receive(ada())
    assert not Lead.objects.exists()
