"""The door in front of Django: the same answers, and only plain requests."""

import contextlib
import io
import json
import re
from typing import Any

import orjson
import pytest
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from customerops import intake, scoring
from customerops.api import predicting, receiving
from customerops.api.problems import Problem
from customerops.gateway import Gateway
from customerops.tests.cast import ADA, key, serve
from leads.services import NewLead

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


def ask(application: Any, body: bytes, **changes: Any) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body; the id of a lead, which no two share, reads `a-lead`."""
    answered: list[tuple[str, dict[str, str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *rest: object) -> None:
        answered.append((status, dict(headers)))

    content = b"".join(application(environ(body, **changes), start_response))
    return (*answered[0], re.sub(rb'"lead_id":"[-0-9a-f]{36}"', b'"lead_id":"a-lead"', content))


def both_ask(both: Any, body: bytes, **changes: Any) -> list[tuple[str, dict[str, str], bytes]]:
    """What each door answers; what the first stored is gone before the second is asked."""
    answers = []
    for door in both:
        with contextlib.suppress(Forget), transaction.atomic():
            answers.append(ask(door, body, **changes))
            raise Forget
    return answers


class Forget(Exception):
    """Takes back what a door stored."""


@pytest.fixture
def gateway():
    return Gateway(django_must_not_be_asked)


@pytest.fixture
def both():
    """The gateway and Django behind it, to be compared; Django does not end the test's transaction."""
    behind: Any = get_wsgi_application()
    request_started.disconnect(close_old_connections)
    yield Gateway(behind), behind
    request_started.connect(close_old_connections)


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


LEADS = [
    *BODIES,
    {"external_id": "ada", "contact": {"email": "ada@example.org"}, "timezone": "Europe/Lisbon"},
    {"external_id": "known", "attributes": {"visits": 1}},
    {"external_id": "", "contact": {"email": 1, "fax": "x"}, "timezone": "Ulm", "matures_at": "1999-01-01"},
    [ADA, {"external_id": "known"}, {"external_id": "ben"}, {"external_id": "ben"}, {"attributes": 1}, 7],
    [{}] * 1001,
]
BROKEN = [b"{", b"\xff", b"[" * 5000, b" ", b"NaN", b'{"source": "\\ud800"}', b'{"attributes": {"x": 1e999}}']


@pytest.fixture
def moment(monkeypatch):
    """The clock of both doors stands still."""
    found = now()
    for door in (predicting, receiving):
        monkeypatch.setattr(door, "now", lambda: found)
    return found


@pytest.mark.parametrize("body", [*map(orjson.dumps, BODIES), *BROKEN])
@pytest.mark.parametrize("scopes", [["read"], ["ops"], None])
def test_both_doors_answer_byte_for_byte_the_same(both, body, scopes, moment):
    serve()
    changes = {"HTTP_X_API_KEY": key(*scopes)} if scopes else {}
    front, behind = both_ask(both, body, **changes)
    assert front == behind


STATUSES = {"write": {"200", "201", "400"}, "read": {"403"}, None: {"401"}}


@pytest.mark.parametrize("body", [*map(orjson.dumps, LEADS), *BROKEN])
@pytest.mark.parametrize("scopes", [["write"], ["read"], None])
def test_both_doors_store_a_lead_and_answer_the_same(both, body, scopes, moment):
    serve()
    intake.receive(leads=[NewLead(external_id="known")], now=moment)
    serve(base=1.0)
    changes = {"HTTP_X_API_KEY": key(*scopes)} if scopes else {}
    front, behind = both_ask(both, body, PATH_INFO="/v1/leads", **changes)
    assert front == behind
    assert front[0][:3] in STATUSES[scopes and scopes[0]]


def test_without_a_model_both_answer_the_same(both):
    front, behind = both_ask(both, b"{}", HTTP_X_API_KEY=key("read"))
    assert front == behind
    assert orjson.loads(front[2])["reason"] == "no_model"


def test_behind_a_proxy_that_ends_tls_both_answer_the_same(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 3600
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    changes = {"HTTP_X_API_KEY": key("read"), "HTTP_X_FORWARDED_PROTO": "https"}
    front = ask(Gateway(django_must_not_be_asked), b"{}", **changes)
    behind = ask(get_wsgi_application(), b"{}", **changes)
    assert front == behind
    assert front[1]["Strict-Transport-Security"] == "max-age=3600"


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/leads"])
@pytest.mark.django_db(transaction=True)
def test_without_postgres_both_answer_the_same(both, path, moment, monkeypatch):
    def away(*ignored: object) -> None:
        raise OperationalError("connection refused")

    api_key = key("read", "write")
    ask(both[0], b"{}", HTTP_X_API_KEY=api_key)
    monkeypatch.setattr(connection, "cursor", away)
    front, behind = (ask(door, b"{}", PATH_INFO=path, HTTP_X_API_KEY=api_key) for door in both)
    assert front == behind
    assert front[0][:3] == ("200" if path == "/v1/predict" else "503")


@pytest.mark.django_db(transaction=True)
def test_a_connection_postgres_has_ended_costs_one_answer_at_most(gateway):
    changes = {"PATH_INFO": "/v1/leads", "HTTP_X_API_KEY": key("write")}
    assert ask(gateway, b"{}", **changes)[0] == "201 Created"
    with connection.cursor() as cursor, suppress_ended():
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    told = [ask(gateway, b"{}", **changes)[0][:3] for _ in range(3)]
    assert told in (["503", "201", "201"], ["201"] * 3)


@contextlib.contextmanager
def suppress_ended():
    """The session that ends itself is told so."""
    with pytest.raises(OperationalError):
        yield
    connection.errors_occurred = False  # as in a thread that has not heard of it


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


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("broken"), "500"),
        (OperationalError("connection refused"), "503"),
        (Problem(429, "come back later"), "429"),
    ],
)
def test_an_error_counts_in_the_series_the_alerts_read_whatever_its_status(
    gateway, monkeypatch, error, status
):
    def broken(**question: object) -> None:
        raise error

    counted = {"status": status, "view": "predict", "method": "POST"}
    timed = {"view": "predict", "method": "POST"}
    names = [
        ("django_http_responses_total_by_status_view_method_total", counted),
        ("django_http_requests_latency_seconds_by_view_method_count", timed),
    ]
    before = [REGISTRY.get_sample_value(*name) or 0 for name in names]
    monkeypatch.setattr(scoring, "score", broken)
    assert ask(gateway, b"{}", HTTP_X_API_KEY=key("read"))[0].startswith(status)
    assert [REGISTRY.get_sample_value(*name) for name in names] == [count + 1 for count in before]


def test_a_fault_of_ours_is_logged_counted_and_answered(gateway, monkeypatch, caplog):
    def broken(**question: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(scoring, "score", broken)
    status, headers, content = ask(gateway, b"{}", HTTP_X_API_KEY=key("read"))
    assert (status, headers["Content-Type"]) == ("500 Internal Server Error", "application/problem+json")
    assert b"42" not in content
    assert "request_failed" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["attributes", "source", "created_at", "external_id", "contact", "timezone", "matures_at", "x"]
FIELDS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4)
ODD_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "REQUEST_METHOD": st.sampled_from(["GET", "PUT", "OPTIONS", "HEAD", "QWERTY"]),
        "QUERY_STRING": st.sampled_from(["format=csv", "api_key=x", "%ff=%00", "a=b"]),
        "CONTENT_TYPE": st.sampled_from(["", "text/plain", "application/json; charset=latin-1", "a;b\xff"]),
        "HTTP_ACCEPT": st.sampled_from(["", "*/*", "text/html", "nonsense", "application/json;q=0"]),
        "HTTP_HOST": st.sampled_from(["", "evil.example", "localhost", "[::1]:80", "local host"]),
        "CONTENT_LENGTH": st.sampled_from(["", "0", "1", "99999999999"]),
        "HTTP_X_API_KEY": st.sampled_from(["", "x", "\x00", "\xff" * 200]),
    },
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/v1/predict", "/v1/leads"]),
    body=st.binary(max_size=200)
    | (FIELDS | JSON | st.lists(FIELDS)).map(lambda value: json.dumps(value).encode()),
    odd=st.just({}) | ODD_HEADERS,
)
def test_nothing_is_a_fault_of_ours_and_nothing_tells_the_doors_apart(both, moment, path, body, odd):
    if not hasattr(both[0], "key"):
        serve()
        both[0].key = key("read", "write")
    front, behind = both_ask(both, body, **{"PATH_INFO": path, "HTTP_X_API_KEY": both[0].key, **odd})
    assert front == behind
    assert front[0][:3] in {"200", "201", "400", "401", "405", "406", "413", "415"}, front
