"""Addresses of leads below /v1. Creating and scoring belong to the apps above."""

from django.urls import path

from leads.api.views import LeadList, LeadView, MemoryView, OutcomeView

urlpatterns = [
    path("leads", LeadList.as_view(), name="leads"),
    path("leads/<uuid:lead_id>", LeadView.as_view(), name="lead"),
    path("leads/<uuid:lead_id>/outcome", OutcomeView.as_view(), name="lead-outcome"),
    path("leads/<uuid:lead_id>/memory", MemoryView.as_view(), name="lead-memory"),
]
