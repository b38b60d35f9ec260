"""The loop, told once from a lead that comes in to a model that learned from it and is taken back."""

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from customerops import demo
from customerops.tests.cast import client, post
from followups import enrolling, policies
from followups.models import FollowUp
from leads.models import Lead
from modeling import artifact, registry, retraining, serving
from modeling.models import Deployment, Prediction, RetrainRun


@pytest.mark.django_db(transaction=True)
def test_it_learns_from_how_leads_ended_and_goes_back_when_asked(settings):
    settings.TUNING_SECONDS = 0.0
    caller = client("read", "write", "ops")

    # sales ops writes a policy once: an answer at once, and another the next day
    step = {"channel": "console", "body": "Thank you, {{ first_name|default:'there' }}!"}
    document = {"steps": [{"after": "0m", **step}, {"after": "1d", **step}], "hours": {"quiet": []}}
    policy = policies.create(name="thanks", document=document, author="ben", now=now()).policy
    policies.throw_switch(policy=policy, on=True, actor="ben", now=now())
    enrolling.known.forget()

    # before anything was learned a lead is taken in with what it says, and told why it has no score
    says = "I'm Ada Lovelace, how much is a kitchen? Mail ada@example.org, it is urgent!"
    ada = post(caller, "/v1/leads", {"external_id": "ada", "source": "referral", "message": says}).json()
    assert (ada["probability"], ada["reason"]) == (None, "no_model")

    # nothing personal was kept; what was understood was, and the conversation is remembered
    [heard] = ada["messages"]
    assert heard["text"] == "I'm [PERSON], how much is a kitchen? Mail [EMAIL], it is urgent!"
    assert (heard["intent"]["label"], heard["urgency"]["label"]) == ("price", "high")
    remembered = caller.get(f"/v1/leads/{ada['lead_id']}/memory").json()
    assert [turn["text"] for turn in remembered["turns"]] == [heard["text"]]

    # the first step is due, goes out once, and is part of the conversation; the second waits
    call_command("send_due")
    call_command("send_due")
    steps = FollowUp.objects.filter(lead=ada["lead_id"]).order_by("step")
    assert [step.status for step in steps] == ["sent", "pending"]
    remembered = caller.get(f"/v1/leads/{ada['lead_id']}/memory").json()
    assert [turn["role"] for turn in remembered["turns"]] == ["lead", "agent"]

    # ninety days of leads come in through the same doors, and most of them end
    demo.load(seed=7, days=90, now=now())

    # the night: one run reads, learns, is judged and promoted
    asked = retraining.request_by(person="ada", now=now())
    assert retraining.request_by(person="ben", now=now()).pk == asked.pk
    first = retraining.run(asked.pk)
    assert first is not None
    assert (first.status, first.verdict) == (RetrainRun.Status.COMPLETED, "promote")

    # the process follows the ledger, and a score comes with reasons that name past leads
    serving.refresh()
    scored = post(caller, f"/v1/leads/{ada['lead_id']}/score", {}).json()
    assert 0 < scored["probability"] < 1
    assert scored["model_version"] == first.version_id
    assert all("past lead" in reason["text"] for reason in scored["reasons"])
    assert Prediction.objects.filter(lead_id=ada["lead_id"]).count() == 2

    # she writes again, and the next score has heard her: what messages tell was learned from as well
    again = post(caller, f"/v1/leads/{ada['lead_id']}/messages", {"text": "Please book me in for May"}).json()
    assert again["messages"][0]["intent"]["label"] == "book"
    seen = Prediction.objects.filter(lead_id=ada["lead_id"]).latest("pk").features
    assert (seen["message.count"], seen["message.intent"]) == (2, "book")

    # that was an answer: when the next step is due it is not sent, and says why
    FollowUp.objects.filter(status="pending").update(due_at=now())
    call_command("send_due")
    last = steps.get(step=2)
    assert (last.status, last.reason) == ("cancelled", "replied")

    assert "message.intent" in serving.current().scorecard.features

    # the learned score comes near what is true of the made-up world
    appraisal = demo.appraise(seed=7, days=90, now=now())
    assert appraisal is not None
    assert appraisal.model > 0.7
    assert appraisal.model > appraisal.truth - 0.15

    # Ada books: one more row; she leaves the leads that wait for an ending
    told = post(caller, f"/v1/leads/{ada['lead_id']}/outcome", {"state": "booked"})
    assert told.status_code == 201
    assert Lead.objects.get(pk=ada["lead_id"]).outcomes.count() == 1

    # another version takes over by a person's hand; the rollback is one more line of the ledger
    champion = registry.champion()
    assert champion is not None
    copied = artifact.parse(bytes(champion.version.artifact)) | {"auc": 0.5}
    other = registry.register(
        data=artifact.dump(copied),
        trained_at=now(), verdict="hold", reasons=["a copy"], comparison={}, origin="ada",
    )  # fmt: skip
    registry.force(version=other.version, actor="ada", reason="to see it")
    back = post(caller, "/ops/rollback", {"reason": "seen it"})
    assert back.status_code == 200
    assert [row.kind for row in _ledger()] == ["promote", "force", "rollback"]
    serving.refresh()
    again = post(caller, "/v1/predict", {"attributes": {}, "source": "referral"}).json()
    assert again["model_version"] == first.version_id


def _ledger():
    return Deployment.objects.order_by("pk")
