"""A small WSGI callable in front of Django, in the same process: it answers a plain POST /v1/predict itself.

Django's handler, middleware and DRF cost several times what a score costs. Whatever is not plain (another
method, content type, Accept or host, a query string, a body without a length) goes on to Django, whose view
answers the same by the same functions: without this door nobody would notice but the clock.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from time import perf_counter
from typing import Any

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django_prometheus.middleware import Metrics

from customerops.api import auth, predicting
from customerops.api.json import loads
from customerops.api.problems import MEDIA_TYPE, Problem, as_problem

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[Environ, Any], Iterable[bytes]]

PATH = "/v1/predict"
VIEW = "predict"  # the URL's name: the label these requests have when Django answers them
SCOPE = "read"
PLAIN_TYPES = frozenset(
    ("application/json", "application/json; charset=utf-8", "application/json;charset=utf-8")
)
PLAIN_ACCEPT = frozenset(("", "*/*", "application/json", "application/json, text/plain, */*"))

log = structlog.get_logger(__name__)


class Gateway:
    """Answers scores, hands everything else to `django`."""

    def __init__(self, django: Application) -> None:
        self.django = django
        self.limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self.counted = Counted()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        if environ["PATH_INFO"] != PATH or not self._is_plain(environ):
            return self.django(self._with_length(environ), start_response)
        started = perf_counter()
        try:
            status, headers, body = 200, [("Content-Type", "application/json")], self._answer(environ)
        except Exception as error:  # this is the outermost door: nobody behind it would answer
            problem = as_problem(error) or self._fault(error)
            status, body = problem.status, problem.body()
            headers = [("Content-Type", MEDIA_TYPE), *problem.headers.items()]
        headers.append(("Content-Length", str(len(body))))
        self.counted.request(status, perf_counter() - started)
        start_response(STATUS_LINES[status], headers)
        return [body]

    def _is_plain(self, environ: Environ) -> bool:
        get = environ.get
        return (
            environ["REQUEST_METHOD"] == "POST"
            and not get("QUERY_STRING")
            and get("CONTENT_TYPE") in PLAIN_TYPES
            and get("HTTP_ACCEPT", "") in PLAIN_ACCEPT
            and 0 < _length(environ) <= self.limit
            and _is_our_host(get("HTTP_HOST", ""))
            and not (settings.SECURE_SSL_REDIRECT and environ["wsgi.url_scheme"] != "https")
        )

    def _answer(self, environ: Environ) -> bytes:
        caller = auth.caller_of(environ.get("HTTP_X_API_KEY"))
        auth.require(caller, SCOPE)
        return predicting.answer(loads(environ["wsgi.input"].read(_length(environ))))

    def _with_length(self, environ: Environ) -> Environ:
        """Django reads as much as CONTENT_LENGTH says: a chunked body is measured first, up to the limit."""
        if "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH"):
            body = environ["wsgi.input"].read(self.limit + 1)
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        return environ

    def _fault(self, error: Exception) -> Problem:
        log.error("request_failed", path=PATH, exc_info=error)
        return Problem(500, "something went wrong on our side; the log has it")


class Counted:
    """django-prometheus's series for requests Django does not see: those that alerts and dashboards read.

    Each costs a microsecond, so there are no more of them, and their children are looked up once.
    """

    def __init__(self) -> None:
        library = Metrics.get_instance()
        self.latency = library.requests_latency_by_view_method.labels(view=VIEW, method="POST")
        self.statuses = {
            status: (
                library.responses_by_status.labels(status=str(status)),
                library.responses_by_status_view_method.labels(status=str(status), view=VIEW, method="POST"),
            )
            for status in (200, 400, 401, 403, 413, 500, 503)
        }

    def request(self, status: int, seconds: float) -> None:
        """One request answered."""
        for series in self.statuses[status]:
            series.inc()
        self.latency.observe(seconds)


STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def _length(environ: Environ) -> int:
    text = environ.get("CONTENT_LENGTH") or ""
    return int(text) if text.isdecimal() else 0


@lru_cache(maxsize=256)
def _is_our_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
