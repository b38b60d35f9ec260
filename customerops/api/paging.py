"""Cursor paging: a page costs the same at the end of a million rows as at the start."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from customerops.api.problems import invalid
from leads.attributes import Fault


class Cursor(CursorPagination):
    """Newest first; `limit` asks for up to 1,000 rows."""

    ordering = ("-created_at", "-id")
    page_size_query_param = "limit"
    max_page_size = 1000

    def decode_cursor(self, request: Request) -> Any:
        """Where the page begins; one that is none of ours is a fault of the query, not a missing page."""
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            raise invalid([Fault("/cursor", "is not a cursor of this list")]) from error

    def get_page_size(self, request: Request) -> int | None:
        """More than allowed is cut; what is no count is refused."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is not None and (not asked.isdecimal() or int(asked) == 0):
            raise invalid([Fault("/limit", "must be a whole number from 1")])
        return super().get_page_size(request)
