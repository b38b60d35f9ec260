"""Signatures, beside those of the standard's own library."""

from base64 import b64decode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from followups.outbound.signatures import PREFIX, headers, new_secret, signature

bodies = st.binary(max_size=300)
ids = st.text("abcdef0123456789-_", min_size=1, max_size=40)
moments = st.integers(0, 2**33)


@given(ids, moments, st.text(max_size=200))
def test_they_are_those_of_the_standards_library(id, at, body):
    secret = new_secret()
    theirs = Webhook(secret).sign(id, datetime.fromtimestamp(at, UTC), body)
    assert signature(secret=secret, id=id, at=at, body=body.encode()) == theirs


@given(ids, bodies)
def test_each_secret_that_signs_verifies_and_no_other_does(id, body):
    old, new, other = new_secret(), new_secret(), new_secret()
    now = int(datetime.now(UTC).timestamp())
    payload = b'"' + body.hex().encode() + b'"'
    sent = headers(secrets=[new, old], id=id, at=now, body=payload)
    for secret in (old, new):
        assert Webhook(secret).verify(payload, sent) == body.hex()
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(payload, sent)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(payload + b" ", sent)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(payload, {**sent, "webhook-id": f"{id}x"})


def test_secrets_are_long_and_never_the_same():
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(b64decode(secret.removeprefix(PREFIX))) for secret in made} == {32}
