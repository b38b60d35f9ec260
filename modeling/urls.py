"""Addresses below /ops that operate the model."""

from django.urls import path

from modeling.api import views

urlpatterns = [
    path("retrain", views.RetrainView.as_view(), name="retrain"),
    path("runs", views.RunsView.as_view(), name="runs"),
    path("runs/<int:run_id>", views.RunView.as_view(), name="run"),
    path("model-status", views.ModelStatusView.as_view(), name="model-status"),
    path("rollback", views.RollbackView.as_view(), name="rollback"),
    path("reload-model", views.ReloadView.as_view(), name="reload-model"),
]
