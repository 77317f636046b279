"""/metrics: who may read it, and that it says the truth."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client, override_settings

from metrics.models import Mark, Trouble
from pmtrack.web import broker, meters
from tests.conftest import Cast

# The state is asked on a connection of its own, which sees what was committed.
pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-long-word-for-the-scraper"


@pytest.fixture(autouse=True)
def fresh_breaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees another's dead broker."""
    monkeypatch.setattr(broker, "_quiet_until", 0.0)


def scrape(client: Client) -> dict[str, float]:
    """Each sample with its labels."""
    with override_settings(METRICS_TOKEN=TOKEN):
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = response.content.decode()
    return {name: float(value) for name, value in re.findall(r"^([^#\s]\S*(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", TOKEN[:-1], "Bearer ä", "Basic x"])
def test_without_the_token_there_is_nothing_at_this_address(client: Client, cast: Cast, sent: str) -> None:
    with override_settings(METRICS_TOKEN=TOKEN):
        assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404
    with override_settings(METRICS_TOKEN=""):
        assert client.get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_signed_in_only_admins_read_it(client: Client, cast: Cast) -> None:
    for person, status in ((cast.paula, 404), (cast.lena, 404), (cast.otto, 404), (cast.admin, 200)):
        client.force_login(person)
        assert client.get("/metrics").status_code == status, person


def test_it_tells_what_waits(client: Client, cast: Cast, now: datetime) -> None:
    Mark.objects.all().delete()
    assert scrape(client)["pmtrack_oldest_mark_seconds"] == 0
    day = date(2026, 6, 8)
    Mark.objects.create(product=cast.checkout, day=day, until=day + timedelta(1), source="test", marked_at=now)
    for attempts, week in ((3, day), (2, day + timedelta(7))):
        Trouble.objects.create(
            product=cast.checkout, week=week, attempts=attempts, stale_since=now, next_try_at=now, error="x"
        )
    found = scrape(client)
    assert found["pmtrack_marks_waiting"] == 1
    assert found["pmtrack_oldest_mark_seconds"] > 0
    assert found["pmtrack_buckets_quarantined"] == 1
    assert found["pmtrack_database_up"] == 1
    assert found["pmtrack_broker_up"] == 1
    assert found["pmtrack_broker_queue_length"] >= 0
    assert any(name.startswith('pmtrack_build_info{django="5.2') for name in found)


@pytest.mark.django_db
def test_a_dead_broker_is_told_and_asked_rarely(client: Client) -> None:
    with override_settings(CELERY_BROKER_URL="redis://127.0.0.1:1/0"):
        found = scrape(client)
        assert found["pmtrack_broker_up"] == 0
        assert "pmtrack_broker_queue_length" not in found
        assert client.get("/readyz").content == b"ready\nbroker: does not answer; the sweep keeps figures fresh\n"
    assert scrape(client)["pmtrack_broker_up"] == 0, "the failure is remembered for seconds"


def test_requests_are_counted_by_route_and_never_by_address(client: Client, cast: Cast) -> None:
    before = scrape(client)
    client.force_login(cast.paula)
    for name in ("anna", "bert", "carl"):
        client.get(f"/no-such/{name}")
        client.get(f"/api/v1/products/{name}")
    client.generic("BREW", "/healthz")
    after = scrape(client)
    counted = 'pmtrack_requests_total{method="GET",route="unmatched",status="4xx"}'
    assert after[counted] - before.get(counted, 0) == 3
    assert after['pmtrack_requests_total{method="OTHER",route="healthz",status="4xx"}'] >= 1
    assert after['pmtrack_request_seconds_count{route="api_product"}'] >= 3
    assert not [name for name in after if "anna" in name or "BREW" in name]


@pytest.mark.django_db
def test_items_are_counted_by_what_became_of_them(client: Client) -> None:
    outcome = meters.Outcome(stored=2, refused=1)
    before = scrape(client)
    meters.count_items("api_usage_batch", outcome)
    after = scrape(client)
    for result, number in (("stored", 2), ("refused", 1), ("replayed", 0)):
        sample = f'pmtrack_api_items_total{{result="{result}",route="api_usage_batch"}}'
        assert after.get(sample, 0) - before.get(sample, 0) == number
