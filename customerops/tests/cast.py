"""Callers with keys, and a version that serves this process."""

from django.test import Client

from customerops.models import ApiKey
from modeling import serving
from modeling.tests.cast import promoted

ADA = {"attributes": {"visits": 3, "city": "Ulm"}, "source": "partner"}


def key(*scopes: str, **fields) -> str:
    """A new key."""
    return ApiKey.objects.create_key(name="test", scopes=list(scopes), **fields)[1]


def client(*scopes: str) -> Client:
    """A caller whose key has the scopes; faults of ours are answered, not raised."""
    return Client(headers={"x-api-key": key(*scopes)}, raise_request_exception=False)


def serve(*, base: float = 0.0) -> int:
    """Promote a version and load it here; answers its number."""
    deployment = promoted(base=base)
    serving.refresh()
    return int(deployment.version_id)


def post(caller: Client, path: str, body):
    """As JSON."""
    return caller.post(path, body, content_type="application/json")
