"""What a browser keeps and asks again: the scene and the requests of the tests on ETag and 304."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.test import Client

from feedback.models import Feedback
from feedback.services.feedback import log_feedback
from metrics.models import Kpi
from metrics.services.readings import NewReading, push_readings
from metrics.services.rollups import refresh
from products.models import User
from tests.conftest import Cast
from tests.factories import make_kpi
from tests.metrics.test_dashboards import ship

PAGES = ("/impact/", "/impact/external/", "/products/checkout/")
API = "/api/v1"
ANSWERS = (
    f"{API}/products",
    f"{API}/products/checkout",
    f"{API}/products/checkout/impact",
    f"{API}/dashboards/team",
    f"{API}/dashboards/external",
    f"{API}/kpis",
    f"{API}/kpis/conversion",
    f"{API}/kpis/conversion/series",
    f"{API}/kpis/conversion/readings",
    f"{API}/releases",
    f"{API}/usage",
    f"{API}/feedback?product=checkout",
)


# A tag holds for a quarter of an hour by the clock; no test takes as long as this.
LONGEST_TEST = 10


def furnish(cast: Cast) -> Cast:
    """A KPI, a release and one thing that was heard, in a quarter of an hour that does not end before the test."""
    left = 900 - time.time() % 900
    if left < LONGEST_TEST:
        time.sleep(left)
    now = datetime.now(UTC)
    make_kpi(cast.checkout, "conversion", "ratio", is_main=True, source="erp")
    ship(cast.checkout, "Split payment", now - timedelta(days=9), now)
    hear(cast, "first")
    refresh(now=now)
    return cast


def hear(cast: Cast, text: str) -> Feedback:
    """Log one thing about the checkout."""
    now = datetime.now(UTC)
    return log_feedback(
        text=text, product=cast.checkout, channel="chat", logged_by=cast.emil, received_at=now, source="test",
        source_id=text, now=now,
    ).feedback  # fmt: skip


def signed_in(user: User) -> Client:
    """A browser that has seen a page before, and so has its form token."""
    client = Client()
    client.force_login(user)
    client.get("/feedback/new/")
    return client


def get(client: Client, address: str, tag: str = "") -> HttpResponse:
    """A page, with the tag of what is held."""
    headers = {"If-None-Match": tag} if tag else {}
    return client.get(address, headers=headers)


def tag_of(client: Client, address: str) -> str:
    """The tag of a page as it is now."""
    response = get(client, address)
    assert response.status_code == 200, response.content[:300]
    return response.headers["ETag"]


def day(ago: int) -> Any:
    """A day before today."""
    return (datetime.now(UTC) - timedelta(days=ago)).date()


def push(cast: Cast) -> None:
    """One more reading, and its figures."""
    reading = NewReading(day(3), Decimal(40), Decimal(100))
    push_readings(kpi=Kpi.objects.get(), source="erp", readings=[reading], now=datetime.now(UTC))
