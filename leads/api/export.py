"""GET /ops/export/outcomes.csv."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from leads import export


class CsvRenderer(BaseRenderer):
    """Lets a caller ask for text/csv; the body is streamed past it."""

    media_type = "text/csv"
    format = "csv"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Nothing else is rendered here."""
        return b""


class ExportView(APIView):
    """Every outcome, streamed; a transfer that breaks off was not the whole file."""

    required_scopes = {"GET": "ops"}
    renderer_classes = [CsvRenderer, *APIView.renderer_classes]

    @extend_schema(
        operation_id="export_outcomes",
        tags=["operations"],
        summary="Every outcome as CSV, with what its lead looked like",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """The header is made before the answer starts, so that a database that is down is an error."""
        blocks = export.csv_blocks()
        first = next(blocks)
        response = StreamingHttpResponse(chain([first], blocks), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="outcomes.csv"'
        response["Cache-Control"] = "no-store"
        return response
