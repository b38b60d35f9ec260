"""Prometheus: django-prometheus's middleware with a closed set of labels, and our own /metrics view."""

from django_prometheus.middleware import PrometheusAfterMiddleware, PrometheusBeforeMiddleware


class BeforeMiddleware(PrometheusBeforeMiddleware):
    """Starts the clock."""


class AfterMiddleware(PrometheusAfterMiddleware):
    """Stops the clock."""
