"""API keys at the door: header `x-api-key`, never a URL."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class ApiKeyAuthentication(BaseAuthentication):
    """Finds the caller's key."""

    def authenticate(self, request: Request) -> None:
        """Nobody yet."""
        return


class HasScope(BasePermission):
    """Whether the key has the scope the view asks for."""
