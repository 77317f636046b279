"""The metrics floor: what the work amounted to."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """KPIs, rollups and dashboards."""

    name = "metrics"
    default_auto_field = "django.db.models.BigAutoField"
