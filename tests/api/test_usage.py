"""Usage over REST: weeks by Monday or number, pages, reach, and what is refused where."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from metrics.models import Usage
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_token

ROW = {"product": "switchyard", "team": "booking", "week": "2026-06-08", "active_users": 3, "eligible_users": 9}


@pytest.fixture
def paula(cast: Cast) -> Api:
    """Paula's pipeline, with a token for Switchyard."""
    return Api(make_token(cast.paula, product=cast.switchyard))


def push(api: Api, *rows: dict[str, Any], **frame: Any) -> Any:
    return api.post("usage:batch", {"source": "logs", "rows": list(rows), **frame})


def test_a_week_may_be_named_by_its_monday_or_its_number(paula: Api) -> None:
    assert push(paula, {**ROW, "week": "2026-W24"}).json()["created"] == 1
    assert push(paula, ROW).json()["unchanged"] == 1
    assert Usage.objects.get().week == date(2026, 6, 8)


@pytest.mark.parametrize("week", ["2026-W54", "2026-W00", "0000-01-01", "2026-02-30", "2026-06-09", "1969-12-29"])
def test_a_week_that_is_none_is_refused(paula: Api, week: str) -> None:
    answer = push(paula, {**ROW, "week": week})
    assert answer.status_code == 422, answer.content
    assert answer.json()["results"][0]["problem"]["errors"][0]["pointer"] == "/rows/0/week"


def test_the_week_after_this_one_is_refused(paula: Api) -> None:
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday())
    assert push(paula, {**ROW, "week": str(monday)}).status_code == 200
    assert push(paula, {**ROW, "week": str(monday + timedelta(days=14))}).status_code == 422


def test_every_refused_row_is_pointed_at_and_the_others_are_stored(cast: Cast, paula: Api) -> None:
    answer = push(
        paula,
        ROW,
        {**ROW, "product": "nothing"},
        {**ROW, "product": "checkout"},
        {**ROW, "team": "nobody"},
        {**ROW, "active_users": "many"},
        {**ROW, "active_users": 4},
        {**ROW, "team": "finance"},
        ROW,
    )
    told = [(one["index"], one["status"], one["problem"]["errors"][0]["pointer"]) for one in answer.json()["results"]]
    assert told == [
        (1, 404, "/rows/1/product"),
        (2, 403, "/rows/2/product"),
        (3, 422, "/rows/3/team"),
        (4, 400, "/rows/4/active_users"),
        (5, 422, "/rows/5/week"),
    ]
    assert (answer.status_code, answer.json()["created"], answer.json()["unchanged"]) == (207, 2, 1)


def test_an_atomic_batch_with_a_bad_row_stores_nothing(paula: Api) -> None:
    answer = push(paula, ROW, ROW, {**ROW, "team": "nobody"}, atomic=True)
    assert (answer.status_code, answer.json()["unchanged"], Usage.objects.count()) == (422, 0, 0)


def test_usage_is_read_page_by_page_whatever_the_page(cast: Cast, paula: Api) -> None:
    weeks = [f"2026-W{number:02d}" for number in range(1, 8)]
    push(paula, *[{**ROW, "week": week, "team": team} for week in weeks for team in ("booking", "finance")])
    seen: list[tuple[str, str]] = []
    query = "usage?product=switchyard&limit=3&since=2026-01-05&until=2026-02-09"
    cursor = ""
    while cursor is not None:
        page = paula.get(query + (f"&cursor={cursor}" if cursor else "")).json()
        assert len(page["items"]) <= 3
        seen += [(row["team"], row["week"]) for row in page["items"]]
        cursor = page["next"]
    mondays = {str(date(2026, 1, 5) + timedelta(weeks=number)) for number in range(5)}
    assert len(seen) == len(set(seen)) == 10
    assert {week for _, week in seen} == mondays


@pytest.mark.parametrize("cursor", ["MQ", "IjEgMSI", "IjEgMSB4Ig", "IjEgMSAyMDI2LTAxLTAxIDEi"])
def test_a_cursor_that_we_never_gave_is_refused(paula: Api, cursor: str) -> None:
    answer = paula.get(f"usage?cursor={cursor}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?cursor")
