"""/metrics, for those who bear the token of the settings and for signed-in admins; nobody else learns that it is there."""

from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from pmtrack.monitoring.exposition import exposition


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format 0.0.4."""
    if not (bears_the_token(request) or is_admin(request)):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


def bears_the_token(request: HttpRequest) -> bool:
    """Whether the caller knows PMTRACK_METRICS_TOKEN; nobody does where it is not set."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and compare_digest(sent.encode(), wanted.encode())


def is_admin(request: HttpRequest) -> bool:
    """Whether a signed-in admin asks."""
    return request.user.is_authenticated and request.user.is_active and request.user.is_admin
