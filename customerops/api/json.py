"""JSON by orjson: strict (no NaN, no trailing bytes) and fast."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


class OrjsonRenderer(BaseRenderer):
    """Dates become ISO 8601 in UTC, UUIDs become strings."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The body; empty for an answer without one."""
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_UTC_Z)


class OrjsonParser(BaseParser):
    """Refuses what is not JSON with the position of the fault."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The parsed body."""
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(f"the body is not JSON: {error}") from error
