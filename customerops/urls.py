"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from customerops import health
from customerops.api.persons import PersonExportView, PersonView
from customerops.api.views import IntakeView, MessagesView, PredictView, RescoreView
from customerops.landing import landing
from customerops.metrics import metrics
from followups.views import unsubscribe
from leads.api.export import ExportView

handler400 = "customerops.api.problems.bad_request"
handler403 = "customerops.api.problems.permission_denied"
handler404 = "customerops.api.problems.not_found"
handler500 = "customerops.api.problems.server_error"

urlpatterns = [
    path("", landing, name="landing"),
    path("v1/predict", PredictView.as_view(), name="predict"),
    path("v1/leads", IntakeView.as_view(), name="leads"),  # before the list it extends
    path("v1/leads/<uuid:lead_id>", PersonView.as_view(), name="lead"),  # as above
    path("v1/leads/<uuid:lead_id>/export", PersonExportView.as_view(), name="export-lead"),
    path("v1/", include("leads.urls")),
    path("ops/export/outcomes.csv", ExportView.as_view(), name="export-outcomes"),
    path("ops/", include("modeling.urls")),
    path("v1/leads/<uuid:lead_id>/messages", MessagesView.as_view(), name="lead-messages"),
    path("v1/leads/<uuid:lead_id>/score", RescoreView.as_view(), name="score-lead"),
    path("", include("followups.urls")),
    path("v1/openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="openapi"), name="docs"),
    path("unsubscribe/<str:token>", unsubscribe, name="unsubscribe"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
]
