"""Cursor paging: a page costs the same at the end of a million rows as at the start."""

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    """Newest first; `limit` asks for up to 1,000 rows."""

    ordering = ("-created_at", "-id")
    page_size_query_param = "limit"
    max_page_size = 1000
