"""Addresses of the products floor, and of the ground below it."""

from django.urls import path

from pmtrack.web import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
