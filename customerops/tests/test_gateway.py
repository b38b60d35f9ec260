"""The door in front of Django: the same answers, and only plain requests."""

import io
from typing import Any

import orjson
import pytest
from django.core.wsgi import get_wsgi_application
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from customerops.api import predicting
from customerops.gateway import Gateway
from customerops.tests.cast import ADA, key, serve

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),
]


def django_must_not_be_asked(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise AssertionError("the gateway left this request to Django")


def environ(body: bytes, **changes: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/v1/predict",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "localhost:8000",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        **changes,
    }


def ask(application: Any, body: bytes, **changes: Any) -> tuple[str, str, bytes]:
    answered: list[tuple[str, str]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *rest: object) -> None:
        answered.append((status, dict(headers)["Content-Type"]))

    content = b"".join(application(environ(body, **changes), start_response))
    return (*answered[0], content)


@pytest.fixture
def gateway():
    return Gateway(django_must_not_be_asked)


@pytest.fixture
def both():
    """The gateway and Django behind it, to be compared."""
    behind: Any = get_wsgi_application()
    return Gateway(behind), behind


BODIES = [
    ADA,
    {},
    {"attributes": None},
    {"attributes": {"visits": "many", "other": None, "x": 1e300}},
    {"created_at": "2026-11-01", "source": "web"},
    {"created_at": "nonsense", "colour": 1, "attributes": {"x": [1], "lead.y": 2}},
    [],
    [1, 2],
    "text",
    None,
    7,
]


@pytest.mark.parametrize("body", [*map(orjson.dumps, BODIES), b"{", b"\xff", b"[" * 5000, b" "])
@pytest.mark.parametrize("scopes", [["read"], ["ops"], None])
def test_both_doors_answer_byte_for_byte_the_same(both, body, scopes, monkeypatch):
    serve()
    moment = now()
    monkeypatch.setattr(predicting, "now", lambda: moment)
    changes = {"HTTP_X_API_KEY": key(*scopes)} if scopes else {}
    front, behind = (ask(door, body, **changes) for door in both)
    assert front == behind


def test_without_a_model_both_answer_the_same(both):
    changes = {"HTTP_X_API_KEY": key("read")}
    front, behind = (ask(door, b"{}", **changes) for door in both)
    assert front == behind
    assert orjson.loads(front[2])["reason"] == "no_model"


@pytest.mark.parametrize(
    "changes",
    [
        {"REQUEST_METHOD": "GET"},
        {"REQUEST_METHOD": "QWERTY"},
        {"PATH_INFO": "/v1/predict/"},
        {"PATH_INFO": "/"},
        {"QUERY_STRING": "api_key=x"},
        {"CONTENT_TYPE": "text/plain"},
        {"CONTENT_TYPE": ""},
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": ""},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "10000001"},
    ],
)
def test_what_is_not_plain_goes_on_to_django(changes):
    asked = []

    def behind(environ, start_response):
        asked.append(environ["PATH_INFO"])
        start_response("204 No Content", [("Content-Type", "-")])
        return []

    assert ask(Gateway(behind), b"{}", HTTP_X_API_KEY="x", **changes)[0] == "204 No Content"
    assert len(asked) == 1


def test_plain_http_goes_on_to_django_where_https_is_demanded(settings, both):
    settings.SECURE_SSL_REDIRECT = True
    with pytest.raises(AssertionError):
        ask(Gateway(django_must_not_be_asked), b"{}")


@pytest.mark.django_db(transaction=True)
def test_a_chunked_body_reaches_django_with_its_length(both):
    serve()
    body = orjson.dumps(ADA)
    changes = {"HTTP_TRANSFER_ENCODING": "chunked", "HTTP_X_API_KEY": key("read")}
    status, _, _ = ask(both[0], body, CONTENT_LENGTH="", **changes)
    assert status == "200 OK"


@pytest.mark.django_db(transaction=True)
def test_a_chunked_body_above_the_limit_gets_413(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    changes = {"HTTP_TRANSFER_ENCODING": "chunked", "HTTP_X_API_KEY": key("read")}
    behind: Any = get_wsgi_application()
    door = Gateway(behind)
    assert ask(door, b" " * 1000, CONTENT_LENGTH="", **changes)[0].startswith("413")


def test_the_alerts_series_count_what_django_does_not_see(gateway):
    labels = {"status": "200", "view": "predict", "method": "POST"}
    names = [
        ("django_http_responses_total_by_status_view_method_total", labels),
        ("django_http_responses_total_by_status_total", {"status": "200"}),
        ("django_http_requests_latency_seconds_by_view_method_count", {"view": "predict", "method": "POST"}),
        ("lead_prediction_latency_seconds_count", {}),
        ("lead_predictions_total", {"result": "no_model"}),
    ]
    before = [REGISTRY.get_sample_value(*name) or 0 for name in names]
    ask(gateway, b"{}", HTTP_X_API_KEY=key("read"))
    assert [REGISTRY.get_sample_value(*name) for name in names] == [count + 1 for count in before]


def test_a_fault_of_ours_is_logged_counted_and_answered(gateway, monkeypatch, caplog):
    def broken(body: object) -> bytes:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(predicting, "answer", broken)
    status, media_type, content = ask(gateway, b"{}", HTTP_X_API_KEY=key("read"))
    assert (status, media_type) == ("500 Internal Server Error", "application/problem+json")
    assert b"42" not in content
    assert "request_failed" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from(["attributes", "source", "created_at", "x"]), JSON, max_size=4)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200) | (FIELDS | JSON).map(lambda value: __import__("json").dumps(value).encode())
)
def test_no_body_is_a_fault_of_ours(gateway, body):
    if not hasattr(gateway, "key"):
        serve()
        gateway.key = key("read")
    if body:
        status = ask(gateway, body, HTTP_X_API_KEY=gateway.key)[0]
        assert status[:3] in {"200", "400"}, (status, body)
