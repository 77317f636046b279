"""Release events over REST: new, replayed, conflicting, in any order, in batches, from whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.models import Exposure, Release, ReleaseEvent
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_token


def event(number: int = 1, **fields: Any) -> dict[str, Any]:
    """One event of Checkout 7.4.0."""
    return {
        "source": "ci",
        "event_id": f"build-{number}",
        "product": "checkout",
        "version": "7.4.0",
        "kind": "exposed",
        "occurred_at": f"2026-06-{number:02d}T09:30:00+02:00",
        **fields,
    }


@pytest.fixture
def emil(cast: Cast) -> Api:
    """Emil's CI, with a token for Checkout."""
    return Api(make_token(cast.emil, product=cast.checkout))


def test_a_new_event_is_stored_and_its_release_is_live(emil: Api) -> None:
    answer = emil.post("release-events", event(name="Split payment"))
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["replayed"], body["release"]["state"], body["release"]["name"]) == (False, "live", "Split payment")
    release = Release.objects.get()
    assert release.live_at == datetime(2026, 6, 1, 7, 30, tzinfo=UTC)
    assert Exposure.objects.get().exposed_at == release.live_at


def test_a_replayed_event_changes_nothing_and_says_so(emil: Api) -> None:
    first = emil.post("release-events", event())
    again = emil.post("release-events", event(occurred_at="2026-06-01T07:30:00Z"))
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json()["release"] == first.json()["release"]
    assert ReleaseEvent.objects.count() == 1


def test_the_same_key_with_another_content_is_refused_with_both_fingerprints(emil: Api) -> None:
    emil.post("release-events", event())
    answer = emil.post("release-events", event(version="7.5.0"))
    assert answer.status_code == 422
    stored = ReleaseEvent.objects.get().fingerprint[:12]
    assert stored in answer.json()["detail"]
    assert answer.json()["errors"][0]["pointer"] == "/event_id"
    assert Release.objects.count() == 1, "a refused event leaves no release behind"


def test_an_event_from_the_future_is_refused_with_the_reason(emil: Api) -> None:
    ahead = (datetime.now(UTC) + timedelta(minutes=6)).isoformat()
    answer = emil.post("release-events", event(occurred_at=ahead))
    assert (answer.status_code, answer.json()["title"]) == (422, "Clock skew")
    assert not ReleaseEvent.objects.exists()
    assert not Release.objects.exists()


def test_an_event_that_is_years_late_is_welcome(emil: Api) -> None:
    assert emil.post("release-events", event(occurred_at="2019-01-01T00:00:00Z")).status_code == 201


def test_a_batch_tells_of_every_item(emil: Api) -> None:
    emil.post("release-events", event(1))
    batch = [event(1), event(2, kind="rolled_back"), event(3, colour="red"), event(4, product="nowhere")]
    answer = emil.post("release-events:batch", {"events": batch})
    assert answer.status_code == 207, answer.content
    body = answer.json()
    assert (body["stored"], body["replayed"], body["refused"]) == (1, 1, 2)
    assert [item["status"] for item in body["results"]] == [200, 201, 400, 404]
    assert body["results"][2]["problem"]["errors"][0]["pointer"].startswith("/events/2")
    assert Release.objects.get().state == "rolled_back"


def test_an_atomic_batch_stores_all_or_nothing(emil: Api) -> None:
    answer = emil.post("release-events:batch", {"events": [event(1), event(2, kind="odd")], "atomic": True})
    assert answer.status_code == 422
    assert not ReleaseEvent.objects.exists()
    fine = emil.post("release-events:batch", {"events": [event(1), event(2, version="8")], "atomic": True})
    assert (fine.status_code, ReleaseEvent.objects.count()) == (200, 2)


def test_an_atomic_batch_with_a_conflict_stores_nothing(emil: Api) -> None:
    emil.post("release-events", event(1))
    answer = emil.post("release-events:batch", {"events": [event(1, version="9"), event(2)], "atomic": True})
    assert answer.status_code == 422
    assert (ReleaseEvent.objects.count(), Release.objects.count()) == (1, 1)


def test_two_equal_events_in_one_batch_are_one_fact(emil: Api) -> None:
    answer = emil.post("release-events:batch", {"events": [event(1), event(1)]})
    assert [item["status"] for item in answer.json()["results"]] == [201, 200]
    assert ReleaseEvent.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_batch(emil: Api) -> None:
    counts = []
    for first, size in ((1, 2), (10, 50)):
        batch = [event(1, event_id=f"e-{first}-{i}", version=f"{first}.{i}") for i in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert emil.post("release-events:batch", {"events": batch}).status_code == 200
        counts.append(len(seen))
    assert counts[1] <= counts[0], "the first request also notes the use of the token"


def test_another_environment_does_not_start_the_clock(emil: Api) -> None:
    answer = emil.post("release-events", event(environment="staging"))
    assert answer.json()["release"]["live_at"] is None
    assert not Exposure.objects.exists()


def test_released_is_live_for_internal_products_only(cast: Cast, emil: Api) -> None:
    paula = Api(make_token(cast.paula, product=cast.switchyard))
    internal = paula.post("release-events", event(kind="released", product="switchyard"))
    external = emil.post("release-events", event(2, kind="released"))
    assert internal.json()["release"]["state"] == "live"
    assert external.json()["release"]["state"] == "released"


def test_a_token_writes_to_its_own_product_only(cast: Cast, emil: Api) -> None:
    forbidden = emil.post("release-events", event(product="switchyard"))
    unknown = emil.post("release-events", event(product="nowhere"))
    assert (forbidden.status_code, unknown.status_code) == (403, 404)
    assert not ReleaseEvent.objects.exists()


def test_a_token_is_only_as_strong_as_its_maker_is_today(cast: Cast, emil: Api) -> None:
    cast.emil.memberships.all().delete()
    cast.emil.assignments.all().delete()
    assert emil.post("release-events", event()).status_code == 403
    cast.emil.is_active = False
    cast.emil.save(update_fields=["is_active"])
    assert emil.post("release-events", event()).status_code == 401


def test_a_token_without_the_scope_is_refused_with_the_scopes_name(cast: Cast) -> None:
    reader = Api(make_token(cast.emil, product=cast.checkout, scopes=["read"]))
    answer = reader.post("release-events", event())
    assert answer.status_code == 403
    assert "release:write" in answer.json()["detail"]


def test_nobody_writes_without_a_token(cast: Cast) -> None:
    answer = Api(None).post("release-events", event())
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="pmtrack"')
    browser = Api(None)
    browser.client.force_login(cast.emil)
    assert browser.post("release-events", event()).status_code == 401


def test_releases_are_read_back_page_by_page(emil: Api) -> None:
    emil.post("release-events:batch", {"events": [event(i, version=f"v{i}") for i in range(1, 6)]})
    first = emil.get("releases?limit=3&product=checkout").json()
    second = emil.get(f"releases?limit=3&cursor={first['next']}").json()
    assert [row["version"] for row in first["items"] + second["items"]] == ["v5", "v4", "v3", "v2", "v1"]
    assert second["next"] is None
    key = first["items"][0]["key"]
    assert emil.get(f"releases/{key}").json() == first["items"][0]
    assert emil.get("releases/R-999999").status_code == 404
