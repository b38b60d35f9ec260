"""Every error is a problem document."""

from typing import Any

import orjson
import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework.exceptions import ErrorDetail, Throttled, ValidationError

from customerops.api import problems
from customerops.tests.cast import client

pytestmark = pytest.mark.django_db


def is_problem(answer, status: int):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert set(document) == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == status
    return document


@pytest.mark.parametrize("path", ["/v1/nothing", "/ops/nothing", "/v1/leads/", "/v1/leads/not-a-uuid"])
def test_unknown_addresses_of_the_api_get_404(path):
    is_problem(Client().get(path), 404)


def test_other_unknown_addresses_get_a_page():
    answer = Client().get("/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_lead_that_is_not_there_gets_404():
    is_problem(client("read").get("/v1/leads/0190b5a4-0000-7000-8000-000000000000"), 404)


def test_another_method_gets_405():
    is_problem(client("read").put("/v1/predict"), 405)


def test_an_answer_that_cannot_be_given_gets_406():
    is_problem(client("read").get("/v1/leads", headers={"accept": "text/html"}), 406)


def test_another_content_type_gets_415():
    is_problem(client("read").post("/v1/predict", b"a=1", content_type="text/plain"), 415)


@pytest.mark.parametrize("body", [b"{", b"NaN", b'{"a": NaN}', b"\xff", b"{} {}", b"[" * 2000, b'"\\ud800"'])
def test_what_is_no_json_gets_400(body):
    document = is_problem(client("read").post("/v1/predict", body, content_type="application/json"), 400)
    assert document["errors"][0]["pointer"] == ""


def test_an_empty_body_gets_400():
    is_problem(client("read").post("/v1/predict", b"", content_type="application/json"), 400)


def test_a_body_that_is_too_large_gets_413(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = b'{"source": "' + b"x" * 100 + b'"}'
    is_problem(client("read").post("/v1/predict", body, content_type="application/json"), 413)


def test_a_host_that_is_not_ours_gets_400():
    is_problem(Client().get("/v1/leads", headers={"host": "evil.example"}), 400)


def test_a_bad_filter_gets_400_that_names_it():
    document = is_problem(client("read").get("/v1/leads?grade=Z"), 400)
    assert document["errors"][0]["pointer"] == "/grade"


def test_a_fault_of_ours_gets_500_and_tells_nothing(monkeypatch):
    def broken(body: object) -> bytes:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr("customerops.api.predicting.answer", broken)
    answer = client("read").post("/v1/predict", b"{}", content_type="application/json")
    is_problem(answer, 500)
    assert b"42" not in answer.content


@pytest.mark.parametrize(
    ("error", "status"),
    [(Http404(), 404), (PermissionDenied(), 403), (OperationalError(), 503), (Throttled(wait=7.2), 429)],
)
def test_known_exceptions_have_a_status(error, status):
    problem = problems.as_problem(error)
    assert problem
    assert is_problem(_as_answer(problem), status)["detail"]


def test_a_throttled_caller_is_told_when_to_come_back():
    problem = problems.as_problem(Throttled(wait=7.2))
    assert problem
    assert problem.headers["Retry-After"] == "8"


def test_an_unknown_exception_is_a_fault_of_ours():
    assert problems.as_problem(RuntimeError()) is None


def test_faults_of_serializers_become_pointers():
    nested: Any = {"items": [{}, {"a/b": ["wrong", ErrorDetail("bad")]}], "non_field_errors": ["together"]}
    problem = problems.as_problem(ValidationError(nested))
    assert problem
    found = [(fault.pointer, fault.detail) for fault in problem.faults]
    assert found == [("/items/1/a~1b", "wrong"), ("/items/1/a~1b", "bad"), ("", "together")]
    assert problem.detail == "/items/1/a~1b: wrong (and 2 more)"


@pytest.mark.parametrize(
    ("handler", "status"),
    [(problems.bad_request, 400), (problems.permission_denied, 403), (problems.not_found, 404)],
)
def test_what_django_refuses_itself_is_a_problem_below_the_api_only(handler, status):
    for path, media_type in (("/v1/x", "application/problem+json"), ("/admin/x", "text/html; charset=utf-8")):
        answer = handler(RequestFactory().get(path), SuspiciousOperation("x"))
        assert (answer.status_code, answer["Content-Type"]) == (status, media_type)


def test_the_last_resort_is_a_problem_below_the_api_only():
    for path, media_type in (
        ("/ops/x", "application/problem+json"),
        ("/admin/x", "text/html; charset=utf-8"),
    ):
        answer = problems.server_error(RequestFactory().get(path))
        assert (answer.status_code, answer["Content-Type"]) == (500, media_type)


class _as_answer:  # noqa: N801 - a view of a problem as an answer
    def __init__(self, problem: problems.Problem) -> None:
        self.response = problem.response()
        self.status_code, self.content = self.response.status_code, self.response.content

    def __getitem__(self, header: str) -> str:
        return self.response[header]

    def json(self):
        return orjson.loads(self.content)


@pytest.mark.parametrize(
    ("query", "at"),
    [("cursor=no", "/cursor"), ("limit=many", "/limit"), ("limit=-1", "/limit"), ("limit=0", "/limit")],
)
def test_a_page_nobody_can_mean_is_refused_with_its_parameter(query, at):
    answer = client("read").get(f"/v1/leads?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == at


def test_a_parameter_named_format_changes_no_answer():
    assert client("read").get("/v1/leads?format=csv").status_code == 200
