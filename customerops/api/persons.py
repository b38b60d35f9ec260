"""One person: erase them, or hand out all that is stored of them. Both need the scope ops."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.timezone import now
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customerops import erasing, exporting
from customerops.api.json import dumps, length_of
from customerops.api.persons_schema import ErasureShape, ExportShape
from customerops.api.problems import Problem
from customerops.api.schema import problem
from leads.api.views import LeadView
from leads.people import Subject
from privacy.holds import HeldError

NO_STORE = {"Cache-Control": "no-store"}
LONGEST_REASON = 2000
REASON = OpenApiParameter(
    "x-reason", str, OpenApiParameter.HEADER, description='Why; a body `{"reason": "…"}` says it as well'
)


class PersonView(LeadView):
    """Adds erasure to the address of a lead."""

    required_scopes = {**LeadView.required_scopes, "DELETE": "ops"}

    @extend_schema(
        operation_id="erase_lead",
        tags=["leads"],
        summary="Erase a lead for good, and keep it away",
        description=(
            "Every row and what Redis remembers goes; a receipt stays. The lead's external id is refused "
            "from then on with 410, and so is what comes again with its e-mail or phone and an earlier "
            "`created_at`. `same_person` lists other leads with the same e-mail or phone: they stay until "
            "they are erased, too. `manage.py erase_subject --email` erases all at once."
        ),
        parameters=[REASON],
        request=None,
        responses={
            200: ErasureShape,
            **problem(409, "A legal hold stands in the way"),
            **problem(410, "It was erased already"),
        },
    )
    def delete(self, request: Request, lead_id: UUID) -> Response:
        """The reason is stored without what is personal in it."""
        try:
            erased = erasing.erase(
                subject=Subject.lead(lead_id), actor=str(request.user), reason=_reason(request), now=now()
            )
        except erasing.NobodyFound as nobody:
            raise Http404 from nobody
        except erasing.ErasedBefore as before:
            raise Problem(HTTPStatus.GONE, f"this lead {before}") from before
        except HeldError as held:
            raise Problem(HTTPStatus.CONFLICT, f"this lead must not be erased: {held}") from held
        return Response(erased.told(), headers=NO_STORE)


class PersonExportView(APIView):
    """A person's own data."""

    required_scopes = {"GET": "ops"}

    @extend_schema(
        operation_id="export_lead",
        tags=["leads"],
        summary="All that is stored of a lead, contact included",
        responses=ExportShape,
    )
    def get(self, request: Request, lead_id: UUID) -> HttpResponse:
        """Decrypted for this answer, which nobody on the way may keep."""
        document = exporting.export(subject=Subject.lead(lead_id), actor=str(request.user), now=now())
        if not document["leads"]:
            raise Http404
        return HttpResponse(dumps(document), content_type="application/json", headers=NO_STORE)


def _reason(request: Request) -> str:
    body = request.data if length_of(request.META) else {}
    reason = body.get("reason", "") if isinstance(body, dict) else None
    if not isinstance(reason, str) or len(reason) > LONGEST_REASON or "\0" in reason:
        raise ValidationError({"reason": [f"must be text of {LONGEST_REASON:,} characters at most"]})
    return reason or request.headers.get("x-reason", "")[:LONGEST_REASON]
