"""JSON by orjson: strict (no NaN, no trailing bytes) and fast."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from customerops.api.problems import invalid, too_large
from leads.attributes import Fault


class OrjsonRenderer(BaseRenderer):
    """Dates become ISO 8601 in UTC, UUIDs become strings."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body; empty for an answer without one."""
        return b"" if data is None else dumps(data)


class Negotiation(DefaultContentNegotiation):
    """An empty Accept header asks for nothing in particular, like a missing one."""

    def get_accept_list(self, request: Request) -> list[str]:
        """The media types the caller would take."""
        return super().get_accept_list(request) if request.META.get("HTTP_ACCEPT") else ["*/*"]


class OrjsonParser(BaseParser):
    """Refuses what is not JSON with the position of the fault, and what is too large before reading it."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The parsed body. Django's own limit guards only `request.body`, which nobody reads here."""
        request = (parser_context or {})["request"]
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if length_of(request.META) > limit:
            raise too_large(limit)
        return loads(stream.read())


def dumps(value: object) -> bytes:
    """What a caller reads."""
    try:
        return orjson.dumps(value, option=orjson.OPT_UTC_Z)
    except TypeError:
        # Postgres gives the number 1e25 back as an integer, and orjson writes none beyond 64 bits.
        return orjson.dumps(_narrowed(value), option=orjson.OPT_UTC_Z)


def _narrowed(value: Any) -> Any:
    """With integers beyond 64 bits as the floating point numbers they came as."""
    if isinstance(value, Mapping):
        return {name: _narrowed(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_narrowed(part) for part in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value)
    return value


def length_of(environ: Mapping[str, Any]) -> int:
    """Of the body, in bytes; 0 when nobody says, or says what is no length."""
    text = environ.get("CONTENT_LENGTH") or ""
    return int(text) if text.isdecimal() else 0


def body_of(request: Request) -> Any:
    """The parsed body; an empty one is refused, where DRF would take it for an empty object."""
    if not length_of(request.META):
        raise invalid([Fault("", "is empty")])
    return request.data


def loads(body: bytes) -> Any:
    """JSON, or a 400 that says where it ends to be JSON. A string that is no UTF-8 is refused as well."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid([Fault("", f"is not JSON: {error}")]) from error
