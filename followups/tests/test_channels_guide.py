"""The guide's examples run, and a file beside the others is a channel."""

import json
import re
import sys
from datetime import timedelta

import pytest
from django.utils.timezone import now

from customerops.embedded.paths import ROOT
from followups import channels as folder
from followups import policies, receivers
from followups.channels import channels
from followups.channels.base import NoAnswer, NotNow, Undeliverable
from followups.documents import DocumentError
from followups.outbound import signatures
from followups.policy import Step
from followups.tests.test_webhook import deliver, outgoing, receiver
from followups.tests.web_sinks import answering, hanging_up, sink

GUIDE = (ROOT / "docs" / "followups-channels.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
STEP = Step(after=timedelta(hours=1), channel="sms", body="Hello")


@pytest.fixture
def with_sms(monkeypatch, tmp_path, settings):
    """As if the guide's file lay beside the others."""
    [code] = [one for one in CODE if "class Sms" in one]
    (tmp_path / "sms.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    settings.FOLLOWUP_PRIVATE_RECEIVERS = ["127.0.0.0/8"]
    channels.cache_clear()
    yield
    channels.cache_clear()
    sys.modules.pop("followups.channels.sms", None)


def test_there_are_these_channels():
    assert list(channels()) == ["console", "email", "webhook"]


@pytest.mark.django_db
@pytest.mark.usefixtures("with_sms")
def test_a_file_beside_the_others_is_a_channel(monkeypatch):
    steps = [{"after": "1h", "channel": "sms", "body": "Hello"}]
    policies.create(name="text", document={"steps": steps}, author="ada", now=now())
    with pytest.raises(DocumentError) as caught:
        policies.checked({"steps": [{**steps[0], "body": "x" * 161}]})
    assert "longer than a text message" in str(caught.value.faults)
    sms = channels()["sms"]
    with sink(answering("202 Accepted")) as gateway:
        monkeypatch.setenv("SMS_GATEWAY", f"http://127.0.0.1:{gateway.port}/send")
        assert sms.deliver(outgoing(), sms.target(STEP, {"phone": "+49731"})) == "the gateway took it"
        assert json.loads(gateway.requests[0].body) == {"to": "+49731", "text": "Grüße, Ada"}
        for talk, raised in ((answering("500 Oops"), NotNow), (hanging_up, NoAnswer)):
            gateway.talk = talk
            with pytest.raises(raised):
                sms.deliver(outgoing(), "+49731")
    with pytest.raises(Undeliverable, match="telephone"):
        sms.target(STEP, {"email": "ada@example.org"})


@pytest.mark.django_db
def test_receivers_can_tell_that_a_message_is_ours(settings):
    settings.FOLLOWUP_PRIVATE_RECEIVERS = ["127.0.0.0/8"]
    receivers.known.forget()
    names: dict = {}
    for code in CODE:
        if "class Sms" not in code:
            exec(code, names)  # noqa: S102 - our own guide
    with sink() as server:
        _, secret = receiver(server.port)
        deliver()
    [request] = server.requests
    told = names["event_of"](secret, request.headers, request.body)
    assert told == json.loads(re.search(r"```json\n(.*?)```", GUIDE, re.DOTALL)[1])
    assert names["is_ours"](secret, request.headers, request.body)
    assert not names["is_ours"](signatures.new_secret(), request.headers, request.body)
    assert not names["is_ours"](secret, request.headers, request.body + b" ")
    assert not names["is_ours"](secret, {**request.headers, "webhook-timestamp": "1"}, request.body)


def test_the_retries_it_tells_are_those_there_are():
    told = {
        "webhook": "5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h",
        "email": "6 min, 30 min, 2 h and 8 h",
    }
    seconds = {"s": 1, "min": 60, "h": 3600}
    for name, text in told.items():
        assert f"tried again after {text}" in GUIDE
        waits = [int(number) * seconds[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", text)]
        assert [wait.total_seconds() for wait in channels()[name].retries] == waits
