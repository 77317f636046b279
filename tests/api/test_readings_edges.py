"""KPI readings at their edges: exact decimals, the largest numbers, sums that cannot be, and what an answer counts."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Kpi, Reading, Rollup, Trouble, WeeklyRollup
from metrics.services.rollups import refresh
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_kpi, make_token

MONDAY = date(2026, 6, 1)


@pytest.fixture
def emil(cast: Cast) -> Api:
    """Emil's pipeline, with a token for Checkout."""
    return Api(make_token(cast.emil, product=cast.checkout))


def push(api: Api, slug: str, *readings: Any, **frame: Any) -> Any:
    """Push readings; bytes are put into the body as they are."""
    if readings and isinstance(readings[0], bytes):
        body: Any = b'{"source": "erp", "readings": [' + b", ".join(readings) + b"]}"
    else:
        body = {"source": "erp", "readings": list(readings), **frame}
    return api.post(f"kpis/{slug}/readings:batch", body)


@pytest.mark.parametrize(
    "sent",
    [
        "0.1",
        "1e-6",
        "0.100000",
        "999999999999999999.999999",
        "-999999999999999999.999999",
        "123456789012345678.123456",
        "1E+17",
        "0.10000000000000",
    ],
)
def test_a_number_is_stored_to_the_last_digit(cast: Cast, emil: Api, sent: str) -> None:
    make_kpi(cast.checkout, "revenue")
    as_number = push(emil, "revenue", b'{"day": "2026-06-01", "value": %s}' % sent.encode())
    assert as_number.json()["created"] == 1, as_number.content
    assert Reading.objects.get().numerator == Decimal(sent)
    as_text = push(emil, "revenue", {"day": "2026-06-01", "value": sent})
    assert as_text.json()["unchanged"] == 1, "the same number as a text is another one"
    assert Decimal(emil.get("kpis/revenue/readings").json()["items"][0]["numerator"]) == Decimal(sent)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", "1000000000000000000"),
        ("value", "0.1234567"),
        ("value", "NaN"),
        ("value", "sNaN"),
        ("value", "-Infinity"),
        ("value", "1e999999999"),
        ("value", "1e-999999999"),
        ("value", "1" * 5000),
        ("squares", "12345678901234567890123.1234567"),
        ("squares", "1e29"),
        ("squares", "NaN"),
    ],
)
def test_a_number_that_cannot_be_held_exactly_is_refused(cast: Cast, emil: Api, field: str, value: str) -> None:
    make_kpi(cast.checkout, "score", "mean")
    answer = push(emil, "score", {"day": "2026-06-01", "value": 1, "n": 1, field: value})
    assert answer.status_code == 422, answer.content
    assert answer.json()["results"][0]["problem"]["errors"][0]["pointer"] == f"/readings/0/{field}"


def test_squares_smaller_than_the_values_allow_are_refused(cast: Cast, emil: Api) -> None:
    make_kpi(cast.checkout, "score", "mean")
    impossible = push(emil, "score", {"day": "2026-06-01", "value": 40, "n": 10, "squares": 159})
    assert impossible.status_code == 422, "ten values with the sum 40 have squares of at least 160"
    assert "leave" in impossible.json()["results"][0]["problem"]["detail"].lower()
    assert push(emil, "score", {"day": "2026-06-01", "value": 40, "n": 10, "squares": 160}).status_code == 200


@pytest.mark.parametrize(
    ("form", "extreme"),
    [
        ("sum", {"value": "999999999999999999.999999", "n": 9_000_000_000_000}),
        ("sum", {"value": "-999999999999999999.999999"}),
        ("ratio", {"numerator": "999999999999999999.999999", "denominator": "999999999999999999.999999"}),
        ("ratio", {"numerator": 0, "denominator": 0}),
        ("mean", {"value": 1, "n": 9_000_000_000_000, "squares": "9999999999999999999999999999.999999"}),
    ],
)
def test_the_largest_numbers_pass_through_rollups_pages_and_answers(
    cast: Cast, emil: Api, form: str, extreme: dict[str, Any]
) -> None:
    kpi = make_kpi(cast.checkout, "figure", form, is_main=True)
    week = [{"day": str(MONDAY + timedelta(days=day)), **extreme} for day in range(7)]
    assert push(emil, "figure", *week).json()["created"] == 7
    refresh(now=datetime.now(UTC))
    assert not Trouble.objects.exists(), Trouble.objects.values_list("error", flat=True)
    assert Rollup.objects.filter(measure=f"kpi:{kpi.pk}").count() == 7
    assert WeeklyRollup.objects.get(measure=f"kpi:{kpi.pk}", week=MONDAY).numerator == sum(
        reading.numerator for reading in Reading.objects.all()
    )
    for path in ("kpis/figure/series", "products/checkout/impact", "dashboards/external", "kpis/figure/readings"):
        assert emil.get(path).status_code == 200, path
    emil.client.force_login(cast.emil)
    for page in ("/impact/external/", "/products/checkout/"):
        assert emil.client.get(page).status_code == 200, page


def test_an_atomic_batch_with_a_bad_day_counts_nothing_as_known(cast: Cast, emil: Api) -> None:
    make_kpi(cast.checkout, "revenue")
    same = {"day": "2026-06-01", "value": 1}
    answer = push(emil, "revenue", same, same, {"day": "2026-06-02"}, atomic=True)
    assert answer.status_code == 422
    assert (answer.json()["unchanged"], answer.json()["refused"]) == (0, 1)


def test_a_batch_of_ten_thousand_days_takes_as_many_statements_as_one(cast: Cast, emil: Api) -> None:
    make_kpi(cast.checkout, "revenue", source="erp")
    many = [{"day": str(date(1990, 1, 1) + timedelta(days=day)), "value": day} for day in range(10_000)]
    assert emil.get("kpis").status_code == 200, "the token's first use of the hour is written"
    counts = []
    for readings in (many[:1], many):
        with CaptureQueriesContext(connection) as statements:
            assert push(emil, "revenue", *readings).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10


def test_one_day_over_the_limit_is_refused_whole(cast: Cast, emil: Api) -> None:
    make_kpi(cast.checkout, "revenue")
    day = {"day": "2026-06-01", "value": 1}
    answer = push(emil, "revenue", *[day] * 10_001)
    assert (answer.status_code, Kpi.objects.get().source) == (400, "")
