"""Addresses of policies and of what they send."""

from django.urls import path

from followups.api import queue, views

urlpatterns = [
    path("v1/policies", views.PoliciesView.as_view(), name="policies"),
    path("v1/policies/<int:policy_id>", views.PolicyView.as_view(), name="policy"),
    path("v1/policies/<int:policy_id>/versions", views.VersionsView.as_view(), name="policy-versions"),
    path("v1/policies/<int:policy_id>/on", views.SwitchOnView.as_view(), name="policy-on"),
    path("v1/policies/<int:policy_id>/off", views.SwitchOffView.as_view(), name="policy-off"),
    path("v1/policies/<int:policy_id>/preview", views.PreviewView.as_view(), name="policy-preview"),
    path("v1/policies/<int:policy_id>/calendar", views.CalendarView.as_view(), name="policy-calendar"),
    path("v1/policies/<int:policy_id>/effect", views.EffectView.as_view(), name="policy-effect"),
    path("v1/leads/<uuid:lead_id>/followups", queue.LeadFollowUpsView.as_view(), name="lead-followups"),
    path("v1/leads/<uuid:lead_id>/followups/stop", queue.StopView.as_view(), name="stop-followups"),
    path("v1/followups", queue.FollowUpsView.as_view(), name="followups"),
    path("v1/followups/<uuid:followup_id>/settle", queue.SettleView.as_view(), name="settle-followup"),
    path("ops/followups", queue.SendingView.as_view(), name="sending"),
    path("ops/followups/on", queue.EverythingOnView.as_view(), name="sending-on"),
    path("ops/followups/off", queue.EverythingOffView.as_view(), name="sending-off"),
]
