"""Signatures of webhooks as Standard Webhooks 1.0.0 has them: HMAC-SHA256 over `id.timestamp.body`.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence

PREFIX = "whsec_"
SIZE = 32  # bytes of a secret; the standard takes 24 to 64


def new_secret() -> str:
    """As it is shown to whoever runs the receiver."""
    return PREFIX + b64encode(secrets.token_bytes(SIZE)).decode()


def signature(*, secret: str, id: str, at: int, body: bytes) -> str:
    """One signature; `at` is the unix time of this attempt.

    >>> signature(secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", id="msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...           at=1614265330, body=b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = b64decode(secret.removeprefix(PREFIX), validate=True)
    content = f"{id}.{at}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, content, "sha256")).decode()


def headers(*, secrets: Sequence[str], id: str, at: int, body: bytes) -> dict[str, str]:
    """What goes with the body. While a secret is replaced, signatures of the old and of the new one."""
    signatures = [signature(secret=secret, id=id, at=at, body=body) for secret in secrets]
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": " ".join(signatures)}
