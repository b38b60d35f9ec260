"""Who acts in the admin."""

from django.http import HttpRequest


def actor(request: HttpRequest) -> str:
    """For versions, the ledger and settled doubts."""
    return f"{request.user.get_username()} (admin)"
