"""The page behind the link in an e-mail: one button, nothing personal, no cookie."""

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from followups import unsubscribing

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@csrf_exempt  # mail programs post from elsewhere, without a cookie (RFC 8058); only the token counts
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the button and changes nothing: programs follow links before people do. POST presses it."""
    lead = unsubscribing.lead_of(token)
    if lead is None:
        return _page("forged", 404)
    if request.method != "POST":
        return _page("asked", 200)
    try:
        unsubscribing.unsubscribe(lead=lead, now=now())
    except (DatabaseError, InterfaceError):
        return _page("later", 503)
    return _page("done", 200)


def _page(state: str, status: int) -> HttpResponse:
    page = render_to_string("followups/unsubscribe.html", {"state": state})
    return HttpResponse(page, status=status, headers=HEADERS)
