"""Every REST route, on one page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path, register_converter
from drf_spectacular.views import SpectacularJSONAPIView

from pmtrack.web.errors import not_found, problem_json
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


@login_not_required
def no_such_call(request: HttpRequest, rest: str = "") -> JsonResponse:
    """404 in the API's own shape."""
    return problem_json(not_found(f"call '/api/{rest[:80]}'"), request)


urlpatterns = [
    path("v1/release-events", releases.send_release_event, name="api_release_events"),
    path("v1/release-events:batch", releases.send_release_events, name="api_release_events_batch"),
    path("v1/releases", releases.list_releases, name="api_releases"),
    path("v1/releases/<release_key:number>", releases.read_release, name="api_release"),
    path("v1/products", products.list_products, name="api_products"),
    path("v1/products/<slug:slug>", products.read_product, name="api_product"),
    path(
        "openapi.json",
        SpectacularJSONAPIView.as_view(permission_classes=[], authentication_classes=[]),
        name="api_schema",
    ),
    re_path(r"^(?P<rest>.*)$", no_such_call),
]
