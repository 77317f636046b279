"""Every REST route on one page. Addresses have no closing slash."""

from django.urls import path, re_path, register_converter

from feedback.api import feedback
from metrics.api import dashboards, kpis, readings, series, usage
from pmtrack.reference.views import api_docs
from pmtrack.web.answers import no_such_address
from pmtrack.web.schema import openapi
from products.api import products, releases


class ReleaseKey:
    """``R-123`` in an address."""

    regex = r"R-[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """The release's id."""
        return int(value[2:])

    def to_url(self, value: int) -> str:
        """The key that people read."""
        return f"R-{value}"


register_converter(ReleaseKey, "release_key")


urlpatterns = [
    path("v1/release-events", releases.send_release_event, name="api_release_events"),
    path("v1/release-events:batch", releases.send_release_events, name="api_release_events_batch"),
    path("v1/releases", releases.list_releases, name="api_releases"),
    path("v1/releases/<release_key:number>", releases.read_release, name="api_release"),
    path("v1/products", products.list_products, name="api_products"),
    path("v1/products/<slug:slug>", products.read_product, name="api_product"),
    path("v1/kpis", kpis.list_kpis, name="api_kpis"),
    path("v1/kpis/<slug:slug>", kpis.read_kpi, name="api_kpi"),
    path("v1/kpis/<slug:slug>/readings", kpis.list_readings, name="api_readings"),
    path("v1/kpis/<slug:slug>/readings:batch", readings.push_kpi_readings, name="api_readings_batch"),
    path("v1/usage", usage.list_usage, name="api_usage"),
    path("v1/usage:batch", usage.push_usage_rows, name="api_usage_batch"),
    path("v1/feedback", feedback.feedback, name="api_feedback"),
    path("v1/feedback:batch", feedback.send_feedback_batch, name="api_feedback_batch"),
    path("v1/kpis/<slug:slug>/series", series.read_kpi_series, name="api_series"),
    path("v1/products/<slug:slug>/impact", dashboards.read_product_impact, name="api_product_impact"),
    path("v1/dashboards/team", dashboards.read_team_dashboard, name="api_team_dashboard"),
    path("v1/dashboards/internal", dashboards.read_internal_dashboard, name="api_internal_dashboard"),
    path("v1/dashboards/external", dashboards.read_external_dashboard, name="api_external_dashboard"),
    path("openapi.json", openapi, name="api_schema"),
    path("docs/", api_docs, name="api_docs"),
    # Last: whatever is not listed above.
    re_path(r"^.*$", no_such_address),
]
