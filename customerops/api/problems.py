"""Errors as application/problem+json (RFC 9457), each with a pointer to the field it is about."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from psycopg.errors import ForeignKeyViolation, LockNotAvailable
from rest_framework.exceptions import APIException, ValidationError

from leads.attributes import Fault, escape

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 100  # that one answer lists: it must not grow to many times what was sent
API_PATHS = ("/v1/", "/ops/")
UNAVAILABLE = 503


class Problem(Exception):
    """An answer other than the one asked for."""

    def __init__(
        self,
        status: int,
        detail: str,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """The document; `type` is about:blank, so `title` is the status in words."""
        return orjson.dumps(
            {
                "type": "about:blank",
                "title": HTTPStatus(self.status).phrase,
                "status": self.status,
                "detail": self.detail,
                "errors": self.faults,
            }
        )

    def response(self) -> HttpResponse:
        """The same for Django."""
        return HttpResponse(self.body(), status=self.status, content_type=MEDIA_TYPE, headers=self.headers)


def invalid(faults: Iterable[Fault]) -> Problem:
    """400 for a body that does not fit; the detail repeats the first fault for people with curl."""
    found = tuple(faults)
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Problem(400, f"{first.pointer or 'the body'}: {first.detail}{more}", found[:MOST_FAULTS])


def too_large(limit: int) -> Problem:
    """413."""
    return Problem(413, f"the body is larger than {limit:,} bytes")


def unavailable() -> Problem:
    """503 while Postgres cannot be reached."""
    return Problem(UNAVAILABLE, "the database cannot be reached; try again", headers={"Retry-After": "1"})


def handle(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. A fault of ours goes on to Django, which logs it and asks `server_error`."""
    problem = as_problem(exc)
    return problem.response() if problem else None


def as_problem(exc: BaseException) -> Problem | None:
    """What an exception means to a caller; None for one that is a fault of ours."""
    match exc:
        case Problem():
            return exc
        case ValidationError():
            return invalid(_faults(exc.detail))
        case APIException():
            return Problem(exc.status_code, str(exc.detail), headers=_headers(exc))
        case Http404():
            return Problem(404, "there is nothing at this address")
        case PermissionDenied():
            return Problem(403, "this is not allowed")
        case RequestDataTooBig():
            return Problem(413, "the body is too large")
        case IntegrityError() if isinstance(exc.__cause__, ForeignKeyViolation):
            return Problem(409, "a lead this is about was erased just now; try again")
        case OperationalError() if isinstance(exc.__cause__, LockNotAvailable):
            return Problem(
                503, "somebody else holds what this needs; try again", headers={"Retry-After": "1"}
            )
        case OperationalError() | InterfaceError():
            return unavailable()
    return None


def pointer(*steps: str | int) -> str:
    """A JSON pointer from its steps."""
    return "".join("/" + escape(str(step)) for step in steps)


def _headers(exc: APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = f"{wait:.0f}"
    return headers


def _faults(detail: Any, at: str = "") -> Iterator[Fault]:
    """DRF's nested lists and dicts of messages, flattened."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _faults(inner, at if key == "non_field_errors" else at + pointer(key))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            # A list of messages is about one field; any other list has one entry for each item of the body.
            yield from _faults(inner, at if isinstance(inner, str) else at + pointer(index))
    else:
        yield Fault(at, str(detail))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: a host, header or form that Django itself refused."""
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    known = isinstance(exception, SuspiciousOperation) and as_problem(exception)
    return (known or Problem(400, "the request was refused")).response()


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    if not _is_api(request):
        return defaults.permission_denied(request, exception)
    return Problem(403, "this is not allowed").response()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    return Problem(404, "there is nothing at this address; /docs lists what there is").response()


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: Django has logged the traceback; a caller learns nothing of it.

    A page that Postgres cannot be asked for, be it only who is signed in, is no fault of ours.
    """
    if not _is_api(request):
        found = as_problem(error) if (error := sys.exception()) else None
        return _page(found) if found and found.status == UNAVAILABLE else defaults.server_error(request)
    return Problem(500, "something went wrong on our side; the log has it").response()


def _page(problem: Problem) -> HttpResponse:
    return HttpResponse(
        f"{problem.detail}; /readyz tells more\n",
        status=problem.status,
        content_type="text/plain; charset=utf-8",
        headers=problem.headers,
    )


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PATHS)
