"""A small WSGI callable in front of Django, in the same process: it answers plain scores and leads itself.

Django's handler, middleware and DRF cost several times what a score costs. Whatever is not plain (another
method, content type, Accept or host, a query string, a body without a length) goes on to Django, whose view
answers the same by the same functions: without this door nobody would notice but the clock.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from threading import local
from time import monotonic, perf_counter
from typing import Any

import structlog
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections, connection
from django.http import HttpResponse
from django.http.request import split_domain_port, validate_host
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django_prometheus.middleware import Metrics
from prometheus_client import Counter

from customerops.api import auth, predicting, receiving
from customerops.api.json import length_of, loads
from customerops.api.problems import MEDIA_TYPE, Problem, as_problem
from customerops.api.views import IntakeView, PredictView

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[[str, Headers], object]
Application = Callable[[Environ, Any], Iterable[bytes]]
Answering = Callable[[object], tuple[int, bytes]]  # a parsed body in; a status and the finished body out

PLAIN_TYPES = frozenset(
    ("application/json", "application/json; charset=utf-8", "application/json;charset=utf-8")
)
PLAIN_ACCEPT = frozenset(("", "*/*", "application/json", "application/json, text/plain, */*"))

STATUSES = (200, 201, 400, 401, 403, 409, 410, 413, 500, 503)
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
# A connection that answered so many seconds ago is not asked whether it still does: that is a round trip.
TRUSTED_FOR = 1.0

log = structlog.get_logger(__name__)


class Gateway:
    """Answers at its doors, hands everything else to `django`."""

    def __init__(self, django: Application) -> None:
        self.django = django
        self.limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self.doors = {
            "/v1/predict": Door("predict", PredictView, predicting.answer),
            "/v1/leads": Door("leads", IntakeView, connected(receiving.answer)),
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        door = self.doors.get(environ["PATH_INFO"])
        if door is None or not self._is_plain(environ):
            return self.django(self._with_length(environ), start_response)
        started = perf_counter()
        status, headers, body = door.answered(environ)
        headers.append(("Content-Length", str(len(body))))
        door.count(status, perf_counter() - started)
        start_response(STATUS_LINES[status], headers)
        return [body]

    def _is_plain(self, environ: Environ) -> bool:
        get = environ.get
        return (
            environ["REQUEST_METHOD"] == "POST"
            and not get("QUERY_STRING")
            and get("CONTENT_TYPE") in PLAIN_TYPES
            and get("HTTP_ACCEPT", "") in PLAIN_ACCEPT
            and 0 < length_of(environ) <= self.limit
            and _is_our_host(get("HTTP_HOST", ""))
            and (_is_secure(environ) or not settings.SECURE_SSL_REDIRECT)
        )

    def _with_length(self, environ: Environ) -> Environ:
        """Django reads as much as CONTENT_LENGTH says: a chunked body is measured first, up to the limit."""
        if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
            body = environ["wsgi.input"].read(self.limit + 1)
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        return environ


class Door:
    """One address: the rules of its Django view, and the function both call.

    Of django-prometheus's series it counts those that alerts and dashboards read, under the URL's name. Each
    costs a microsecond, so there are no more of them, and their children are looked up once.
    """

    def __init__(self, name: str, view: type[PredictView | IntakeView], answer: Answering) -> None:
        self.answer = answer
        self.scope = view.required_scopes["POST"]
        self.headers = {secure: _headers_of_django(view(), secure) for secure in (False, True)}
        self.name = name
        self.metrics = Metrics.get_instance()
        self.latency = self.metrics.requests_latency_by_view_method.labels(view=name, method="POST")
        self.statuses = {status: self._counters(status) for status in STATUSES}

    def answered(self, environ: Environ) -> tuple[int, Headers, bytes]:
        """Status, headers and body, whatever happens behind."""
        headers = self.headers[_is_secure(environ)]
        try:
            status, body = self._answer(environ)
            return status, [("Content-Type", "application/json"), *headers], body
        except Exception as error:  # this is the outermost door: nobody behind it would answer
            problem = as_problem(error) or _fault(environ, error)
            told = [("Content-Type", MEDIA_TYPE), *problem.headers.items(), *headers]
            return problem.status, told, problem.body()

    def _answer(self, environ: Environ) -> tuple[int, bytes]:
        auth.require(auth.caller_of(environ.get("HTTP_X_API_KEY")), self.scope)
        return self.answer(loads(environ["wsgi.input"].read(length_of(environ))))

    def count(self, status: int, seconds: float) -> None:
        """One request answered."""
        for series in self.statuses.get(status) or self._counters(status):
            series.inc()
        self.latency.observe(seconds)

    def _counters(self, status: int) -> tuple[Counter, Counter]:
        return (
            self.metrics.responses_by_status.labels(status=str(status)),
            self.metrics.responses_by_status_view_method.labels(
                status=str(status), view=self.name, method="POST"
            ),
        )


_thread = local()


def connected(answer: Answering) -> Answering:
    """What Django does about a thread's connection around each request, which is not one of Django's here."""

    def answer_connected(body: object) -> tuple[int, bytes]:
        if not connection.in_atomic_block:
            close_old_connections()
        if monotonic() - getattr(_thread, "answered_at", 0.0) < TRUSTED_FOR:
            connection.health_check_done = True  # type: ignore[attr-defined] # the stubs lack it
        answered = answer(body)
        _thread.answered_at = monotonic()
        return answered

    return answer_connected


def _fault(environ: Environ, error: Exception) -> Problem:
    log.error("request_failed", path=environ["PATH_INFO"], exc_info=error)
    return Problem(500, "something went wrong on our side; the log has it")


def _headers_of_django(view: PredictView | IntakeView, secure: bool) -> Headers:
    """What DRF and Django's middleware add to every answer, asked of them once."""
    scheme = "https" if secure else "http"
    request = WSGIRequest({"REQUEST_METHOD": "POST", "wsgi.url_scheme": scheme, "wsgi.input": BytesIO()})
    view.setup(request)
    answer = HttpResponse(headers=view.default_response_headers)
    for middleware in (XFrameOptionsMiddleware, SecurityMiddleware):
        middleware(lambda request: answer).process_response(request, answer)
    return [(name, value) for name, value in answer.items() if name != "Content-Type"]


def _is_secure(environ: Environ) -> bool:
    header, _ = settings.SECURE_PROXY_SSL_HEADER or ("", "")
    return _is_https(environ["wsgi.url_scheme"], header, environ.get(header))


@lru_cache(maxsize=64)
def _is_https(scheme: str, header: str, told: str | None) -> bool:
    """As Django judges it, by what the proxy in front says where one is trusted."""
    environ = {"REQUEST_METHOD": "POST", "wsgi.url_scheme": scheme, "wsgi.input": BytesIO()}
    return WSGIRequest(environ | ({} if told is None else {header: told})).is_secure()


@lru_cache(maxsize=256)
def _is_our_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
