"""What the APIs of several apps share: a conflict, a body read strictly, views for operators."""

from http import HTTPStatus
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView


class Conflict(APIException):
    """It does not fit what is there."""

    status_code = HTTPStatus.CONFLICT


class OpsView(APIView):
    """Needs the scope ops for everything."""

    required_scopes = {"GET": "ops", "POST": "ops"}


def read(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body, as it should be. Raises ValidationError."""
    asked = shape(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
