"""KPI readings, usage and feedback over REST: new, corrected, replayed, refused, and read back."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from feedback.models import Account, Feedback, Voice
from metrics.models import Kpi, Reading, ReadingCorrection, Usage
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_kpi, make_token


@pytest.fixture
def emil(cast: Cast) -> Api:
    """Emil's pipeline, with a token for Checkout."""
    return Api(make_token(cast.emil, product=cast.checkout))


@pytest.fixture
def paula(cast: Cast) -> Api:
    """Paula's pipeline, with a token for Switchyard."""
    return Api(make_token(cast.paula, product=cast.switchyard))


@pytest.fixture
def revenue(cast: Cast) -> Kpi:
    """Checkout's revenue, a sum."""
    return make_kpi(cast.checkout, "revenue", "sum", currency="EUR")


def days(count: int, **fields: Any) -> list[dict[str, Any]]:
    """``count`` days of values from 1 January 2025 on."""
    start = date(2025, 1, 1)
    return [{"day": str(start + timedelta(days=i)), "value": 100 + i, **fields} for i in range(count)]


def test_a_year_of_readings_is_stored_and_sending_it_again_changes_nothing(emil: Api, revenue: Kpi) -> None:
    body = {"source": "erp", "readings": days(400)}
    first = emil.post("kpis/revenue/readings:batch", body)
    assert (first.status_code, first.json()["created"]) == (200, 400), first.content
    again = emil.post("kpis/revenue/readings:batch", body)
    assert (again.status_code, again.json()["unchanged"], again.json()["created"]) == (200, 400, 0)
    assert Reading.objects.count() == 400
    assert not ReadingCorrection.objects.exists()


def test_a_corrected_day_replaces_the_value_and_keeps_the_old_one(emil: Api, revenue: Kpi) -> None:
    emil.post("kpis/revenue/readings:batch", {"source": "erp", "readings": days(3)})
    answer = emil.post(
        "kpis/revenue/readings:batch", {"source": "erp", "readings": [{"day": "2025-01-02", "value": "250.25"}]}
    )
    assert answer.json()["corrected"] == 1
    assert Reading.objects.get(day=date(2025, 1, 2)).numerator == Decimal("250.25")
    assert ReadingCorrection.objects.get().numerator == 101


@pytest.mark.parametrize(
    ("form", "reading", "pointer"),
    [
        ("sum", {"day": "2025-01-01"}, "/readings/0/value"),
        ("sum", {"day": "2025-01-01", "value": 1, "numerator": 2}, "/readings/0/value"),
        ("sum", {"day": "2999-01-01", "value": 1}, "/readings/0/day"),
        ("sum", {"day": "1900-01-01", "value": 1}, "/readings/0/day"),
        ("sum", {"day": "2025-01-01", "value": "1e30"}, "/readings/0/value"),
        ("sum", {"day": "2025-01-01", "value": "0.0000001"}, "/readings/0/value"),
        ("sum", {"day": "2025-02-30", "value": 1}, "/readings/0/day"),
        ("sum", {"day": "2025-01-01", "value": True}, "/readings/0/value"),
        ("sum", {"day": "2025-01-01", "value": 1, "squares": -1}, "/readings/0/squares"),
        ("sum", {"day": "2025-01-01", "value": 1, "n": -1}, "/readings/0/n"),
        ("ratio", {"day": "2025-01-01", "value": 0.4}, "/readings/0/numerator"),
        ("ratio", {"day": "2025-01-01", "numerator": 5, "denominator": 4}, "/readings/0/numerator"),
        ("mean", {"day": "2025-01-01", "value": 4}, "/readings/0/n"),
    ],
)
def test_a_reading_that_does_not_fit_is_refused_where_it_is_wrong(
    cast: Cast, emil: Api, form: str, reading: dict[str, Any], pointer: str
) -> None:
    make_kpi(cast.checkout, "figure", form)
    answer = emil.post("kpis/figure/readings:batch", {"source": "erp", "readings": [reading]})
    assert answer.status_code == 422, answer.content
    problem = answer.json()["results"][0]["problem"]
    assert problem["errors"][0]["pointer"].startswith(pointer)
    assert not Reading.objects.exists()


def test_good_days_are_stored_beside_bad_ones_unless_the_batch_is_atomic(emil: Api, revenue: Kpi) -> None:
    mixed = [*days(2), {"day": "2025-05-05"}]
    held = emil.post("kpis/revenue/readings:batch", {"source": "erp", "readings": mixed, "atomic": True})
    assert (held.status_code, Reading.objects.count()) == (422, 0)
    some = emil.post("kpis/revenue/readings:batch", {"source": "erp", "readings": mixed})
    assert (some.status_code, some.json()["created"], some.json()["refused"]) == (207, 2, 1)


def test_one_day_with_two_values_in_one_batch_is_refused(emil: Api, revenue: Kpi) -> None:
    twice = [{"day": "2025-01-01", "value": 1}, {"day": "2025-01-01", "value": 2}]
    answer = emil.post("kpis/revenue/readings:batch", {"source": "erp", "readings": twice})
    assert (answer.status_code, answer.json()["refused"]) == (207, 1)


def test_a_second_source_is_refused_so_that_two_pipelines_never_add_up(emil: Api, revenue: Kpi) -> None:
    emil.post("kpis/revenue/readings:batch", {"source": "erp", "readings": days(1)})
    answer = emil.post("kpis/revenue/readings:batch", {"source": "other", "readings": days(1)})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (409, "/source")
    assert Reading.objects.count() == 1


def test_a_kpi_of_another_product_is_forbidden_and_an_unknown_one_not_found(paula: Api, revenue: Kpi) -> None:
    body = {"source": "erp", "readings": days(1)}
    assert paula.post("kpis/revenue/readings:batch", body).status_code == 403
    assert paula.post("kpis/nowhere/readings:batch", body).status_code == 404


def test_readings_are_read_back_page_by_page(emil: Api, revenue: Kpi) -> None:
    emil.post("kpis/revenue/readings:batch", {"source": "erp", "readings": days(5)})
    first = emil.get("kpis/revenue/readings?limit=3&since=2025-01-02").json()
    second = emil.get(f"kpis/revenue/readings?limit=3&since=2025-01-02&cursor={first['next']}").json()
    assert [row["day"] for row in first["items"] + second["items"]] == [f"2025-01-0{i}" for i in (2, 3, 4, 5)]
    assert second["next"] is None
    assert emil.get("kpis").json()["items"][0]["slug"] == "revenue"


def test_usage_is_stored_corrected_and_replayed(cast: Cast, paula: Api) -> None:
    row = {"product": "switchyard", "team": "booking", "week": "2026-06-08", "active_users": 3, "eligible_users": 9}
    assert paula.post("usage:batch", {"source": "logs", "rows": [row]}).json()["created"] == 1
    assert paula.post("usage:batch", {"source": "logs", "rows": [row]}).json()["unchanged"] == 1
    assert paula.post("usage:batch", {"source": "logs", "rows": [{**row, "active_users": 4}]}).json()["corrected"] == 1
    assert Usage.objects.get().active_users == 4
    assert paula.get("usage?product=switchyard").json()["items"][0]["active_users"] == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"week": "2026-06-09"}, "week"),
        ({"active_users": 10}, "active_users"),
        ({"team": "nobody"}, "team"),
        ({"week": "2999-01-07"}, "week"),
    ],
)
def test_usage_that_cannot_be_is_refused(cast: Cast, paula: Api, change: dict[str, Any], field: str) -> None:
    row = {"product": "switchyard", "team": "booking", "week": "2026-06-08", "active_users": 3, "eligible_users": 9}
    answer = paula.post("usage:batch", {"source": "logs", "rows": [{**row, **change}]})
    assert answer.status_code == 422
    assert answer.json()["results"][0]["problem"]["errors"][0]["pointer"] == f"/rows/0/{field}"


def test_usage_is_for_internal_products_only(emil: Api) -> None:
    row = {"product": "checkout", "team": "booking", "week": "2026-06-08", "active_users": 3, "eligible_users": 9}
    answer = emil.post("usage:batch", {"source": "logs", "rows": [row]})
    assert "external" in answer.json()["results"][0]["problem"]["detail"]


def entry(number: int = 1, **fields: Any) -> dict[str, Any]:
    """One entry about Checkout."""
    return {
        "source": "helpdesk",
        "source_id": f"T-{number}",
        "text": "The saved address offers the wrong depot.",
        "product": "checkout",
        "received_at": "2026-06-08T10:00:00Z",
        "channel": "ticket",
        **fields,
    }


def test_feedback_is_stored_once_with_its_voice(cast: Cast, emil: Api) -> None:
    Account.objects.create(reference="brenner", name="Brenner Logistik")
    body = entry(voice={"account": "brenner", "via": "emil@example.com"})
    first, again = emil.post("feedback", body), emil.post("feedback", body)
    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json()["key"] == again.json()["key"]
    assert Voice.objects.get().via == cast.emil


def test_the_same_key_with_another_text_is_refused(emil: Api) -> None:
    emil.post("feedback", entry())
    answer = emil.post("feedback", entry(text="Something else."))
    assert (answer.status_code, Feedback.objects.count()) == (422, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"text": "  "},
        {"text": "x" * 2001},
        {"channel": "pigeon"},
        {"severity": 5},
        {"received_at": "2026-06-08"},
        {"received_at": "2026-06-08T10:00:00"},
        {"voice": {}},
        {"voice": {"account": "nobody"}},
        {"voice": {"colleague": "stranger@elsewhere.example"}},
        {"voice": {"colleague": "paula@example.com", "account": "brenner"}},
        {"unheard_of": 1},
    ],
)
def test_feedback_that_cannot_be_stored_is_refused_in_words(emil: Api, change: dict[str, Any]) -> None:
    answer = emil.post("feedback", entry(**change))
    assert answer.status_code in (400, 422), answer.content
    assert answer.json()["errors"][0]["detail"]
    assert not Feedback.objects.exists()


def test_a_batch_of_feedback_tells_of_every_item(emil: Api) -> None:
    answer = emil.post("feedback:batch", {"entries": [entry(1), entry(1), entry(2, channel="x"), entry(3)]})
    assert [item["status"] for item in answer.json()["results"]] == [201, 200, 400, 201]
    assert Feedback.objects.count() == 2


def test_accounts_are_named_to_the_products_team_only(cast: Cast, emil: Api, paula: Api) -> None:
    Account.objects.create(reference="brenner", name="Brenner Logistik")
    emil.post("feedback", entry(voice={"account": "brenner", "via": "emil@example.com"}))
    near, far = emil.get("feedback").json()["items"][0], paula.get("feedback").json()["items"][0]
    assert (near["accounts"], near["voices"]) == (["brenner"], 1)
    assert (far["accounts"], far["voices"]) == ([], 1)
    assert far["text"] == near["text"]


def test_reading_takes_the_read_scope(cast: Cast) -> None:
    writer = Api(make_token(cast.emil, product=cast.checkout, scopes=["feedback:write"]))
    assert writer.get("feedback").status_code == 403
    assert writer.post("feedback", entry()).status_code == 201
