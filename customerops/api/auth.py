"""API keys at the door: header `x-api-key`, never a URL; scopes declared by each view for each method."""

import hashlib
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from django.db import DatabaseError, close_old_connections, connection
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from customerops.api.problems import Problem, unavailable
from customerops.models import ApiKey

if TYPE_CHECKING:  # DRF imports this module while it imports its own views
    from rest_framework.views import APIView

CHALLENGE = {"WWW-Authenticate": 'ApiKey realm="customerops", header="x-api-key"'}
# A verified key is believed for this many seconds, so that a score costs no query; a revoked one is refused
# after them at the latest.
BELIEVED_FOR = 2.0
# While Postgres is away nobody can be revoked: a key that was good is believed on, so scoring goes on.
BELIEVED_IN_OUTAGE = 3600.0
LONGEST_KEY = 100
KEY_SHAPE = re.compile(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}")
KEY_NAMES = {"key", "apikey", "xapikey", "token"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a key; `request.user` of the API's views."""

    prefix: str
    name: str
    scopes: frozenset[str]
    expires_at: float  # unix seconds; infinity when the key does not expire

    is_authenticated = True

    def __str__(self) -> str:
        return f"key {self.name}"


@dataclass(frozen=True, slots=True)
class _Belief:
    caller: Caller
    verified_at: float  # on the monotonic clock, as `until`
    until: float


# By the key's digest: the keys themselves are not kept. Only keys that exist get in, so it stays small.
_believed: dict[bytes, _Belief] = {}


def caller_of(key: str | None, query: str = "") -> Caller:
    """The holder of a key; raises a 401 that says what is wrong, or a 503 while keys cannot be looked up."""
    if query and _carries_key(query):
        raise _unauthorized(
            "keys are not accepted in a URL, where logs would keep them: send the header x-api-key"
        )
    if not key:
        raise _unauthorized("this needs an API key in the header x-api-key")
    digest = hashlib.sha256(key.encode()).digest()
    belief = _believed.get(digest)
    if belief is not None and time.monotonic() < belief.until and time.time() < belief.caller.expires_at:
        return belief.caller
    return _verify(key, digest)


def forget_callers() -> None:
    """Believe no key any longer without asking Postgres."""
    _believed.clear()


def _verify(key: str, digest: bytes) -> Caller:
    try:
        # Outside a request of Django's, nobody else replaces a connection that a restart of Postgres has cut.
        if not connection.in_atomic_block:
            close_old_connections()
        row = _row_of(key)
    except DatabaseError as error:
        return _believe_on(digest, error)
    if row is None:
        _believed.pop(digest, None)
        raise _unauthorized("this API key is unknown, revoked or expired")
    expires_at = row.expiry_date.timestamp() if row.expiry_date else float("inf")
    caller = Caller(row.prefix, row.name, frozenset(row.scopes), expires_at)
    verified_at = time.monotonic()
    _believed[digest] = _Belief(caller, verified_at, verified_at + BELIEVED_FOR)
    return caller


def _believe_on(digest: bytes, error: DatabaseError) -> Caller:
    """Postgres is away: a key it confirmed within the hour still opens, and is asked about again soon."""
    belief, moment = _believed.get(digest), time.monotonic()
    if (
        belief is None
        or moment > belief.verified_at + BELIEVED_IN_OUTAGE
        or time.time() >= belief.caller.expires_at
    ):
        raise unavailable() from error
    _believed[digest] = replace(belief, until=moment + BELIEVED_FOR)
    return belief.caller


def _row_of(key: str) -> ApiKey | None:
    if len(key) > LONGEST_KEY or "\x00" in key:
        return None
    try:
        row = ApiKey.objects.get_from_key(key)
    except ApiKey.DoesNotExist:
        return None
    return None if row.has_expired else cast(ApiKey, row)


def _carries_key(query: str) -> bool:
    """Whether a query string has a parameter named or shaped like a key."""
    return any(
        re.sub(r"[-_]", "", name).lower() in KEY_NAMES or KEY_SHAPE.fullmatch(value)
        for name, value in parse_qsl(query, errors="replace")
    )


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, headers=CHALLENGE)


class ApiKeyAuthentication(BaseAuthentication):
    """Finds the caller; a request without a good key goes no further."""

    def authenticate(self, request: Request) -> tuple[Caller, None]:
        """Everybody who comes this far has a key."""
        return authenticated(request), None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGE["WWW-Authenticate"]


def authenticated(request: Request | HttpRequest) -> Caller:
    """The caller of a Django or DRF request."""
    return caller_of(request.META.get("HTTP_X_API_KEY"), request.META.get("QUERY_STRING", ""))


class HasScope(BasePermission):
    """Views declare `required_scopes = {"GET": "read", "POST": "write"}`; what is not there is denied."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the caller's key has the scope; a method the view does not have is a 405, not a 403."""
        method = str(request.method)
        if method not in view.allowed_methods or method == "OPTIONS":
            raise MethodNotAllowed(method)
        scopes: dict[str, str] = getattr(view, "required_scopes", {})
        require(cast(Caller, request.user), scopes.get("GET" if method == "HEAD" else method))
        return True


def require(caller: Caller, scope: str | None) -> None:
    """403 unless the caller's key has the scope."""
    if scope not in caller.scopes:
        raise PermissionDenied(
            f"this needs a key with the scope {scope!r}; yours has {', '.join(sorted(caller.scopes))}"
        )
