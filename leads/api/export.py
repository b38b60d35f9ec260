"""GET /ops/export/outcomes.csv."""

from collections.abc import Mapping
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse
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
    """Every outcome. The answer has its length, so a transfer that breaks off is seen by whoever reads it."""

    required_scopes = {"GET": "ops"}
    renderer_classes = [CsvRenderer, *APIView.renderer_classes]

    @extend_schema(
        operation_id="export_outcomes",
        tags=["ops"],
        summary="Every outcome as CSV, with what its lead looked like",
        description="Without notes and contact details.",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> FileResponse:
        """Kept on disk until it is whole; memory stays constant.

        A WSGI server ends a body that breaks off as if it were complete, so a failure must come before the
        first byte.
        """
        with ExitStack() as stack:
            spool = stack.enter_context(TemporaryFile())
            spool.writelines(export.csv_blocks())
            stack.pop_all()  # from here on the response closes it
        spool.seek(0)
        response = FileResponse(spool, as_attachment=True, filename="outcomes.csv")
        response["Content-Type"] = "text/csv; charset=utf-8"
        response["Cache-Control"] = "no-store"
        return response
