"""Every URL of pmtrack starts here; each app lists its own pages."""

from django.contrib import admin
from django.urls import include, path

from pmtrack import routes
from pmtrack.monitoring.views import metrics
from pmtrack.web.health import healthz, readyz

handler500 = "pmtrack.web.outages.server_error"

urlpatterns = [
    path("", include("metrics.urls")),
    path("", include("feedback.urls")),
    path("", include("products.urls")),
    path("api/", include(routes)),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
