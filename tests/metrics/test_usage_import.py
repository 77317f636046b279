"""Usage as an uploaded table: looked at, refused row by row, stored once, corrected by the next file."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from metrics.models import Usage
from products.models import KeptSheet, SheetKind
from tests.conftest import Cast
from tests.factories import make_product, own
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
HEAD = "product,team,week,active_users,eligible_users,actions\n"
GOOD = f"{HEAD}switchyard,platform,2026-06-08,5,9,40\nswitchyard,booking,2026-W24,0,7,0\n"


def chosen(client: Client, content: str) -> str:
    """Choose a table; the address of its page."""
    given = {"kind": "usage", "file": SimpleUploadedFile("usage.csv", content.encode())}
    answer = client.post("/usage/import/", given)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def applied(client: Client, content: str, **said: str) -> Any:
    """Choose a table and apply it; the answer."""
    return client.post(chosen(client, content), said)


def held() -> list[tuple[str, str, int, int, int]]:
    columns = ("team__slug", "week", "active_users", "eligible_users", "actions")
    return [(row[0], str(row[1]), *row[2:]) for row in Usage.objects.order_by("team__slug").values_list(*columns)]


def test_a_file_is_looked_at_before_anything_is_stored(cast: Cast) -> None:
    client = browser_of(cast.paula)
    page = client.get(chosen(client, GOOD))
    assert "Applying this file would add two weeks." in text(page)
    assert not Usage.objects.exists()


def test_the_same_file_again_changes_nothing_and_another_one_corrects(cast: Cast) -> None:
    client = browser_of(cast.paula)
    assert applied(client, GOOD).status_code == 303
    assert held() == [("booking", "2026-06-08", 0, 7, 0), ("platform", "2026-06-08", 5, 9, 40)]
    again = applied(client, GOOD)
    assert again.status_code == 422
    assert "Nothing in this file would change anything" in text(again)
    corrected = GOOD.replace("5,9,40", "6,9,44")
    assert "5 of 9 colleagues, 40 actions becomes 6 of 9 colleagues, 44 actions" in text(
        client.get(chosen(client, corrected))
    )
    assert applied(client, corrected).status_code == 303
    assert held()[1] == ("platform", "2026-06-08", 6, 9, 44)


WRONG = [
    ("switchyard,nobody,2026-06-08,1,2,3", "There is no team"),
    ("nothing,platform,2026-06-08,1,2,3", "There is no product"),
    ("checkout,platform,2026-06-08,1,2,3", "is external: its reach is a KPI"),
    ("switchyard,platform,2026-06-09,1,2,3", "starts no week"),
    ("switchyard,platform,2026-02-30,1,2,3", "no day of the calendar"),
    ("switchyard,platform,2099-06-01,1,2,3", "this week"),
    ("switchyard,platform,2026-06-08,3,2,3", "cannot be more than"),
    ("switchyard,platform,2026-06-08,,2,3", "there is no number"),
    ("switchyard,platform,2026-06-08,-1,2,3", "is no count"),
    ("switchyard,platform,2026-06-08,=1+1,2,3", "is no count"),
    ("switchyard,=A1,2026-06-08,1,2,3", "is a formula"),
]


def test_each_wrong_row_is_refused_with_its_reason_and_stops_the_file(cast: Cast) -> None:
    client = browser_of(cast.paula)
    content = GOOD + "".join(f"{row}\n" for row, _ in WRONG)
    address = chosen(client, content)
    refused = client.get(f"{address}refused.csv").content.decode()
    for _, reason in WRONG:
        assert reason in refused
    assert client.post(address).status_code == 422
    assert not Usage.objects.exists()
    assert client.post(address, {"keep_good_rows": "yes"}).status_code == 303
    assert len(held()) == 2


def test_rows_that_say_different_things_of_one_week_are_all_refused(cast: Cast) -> None:
    client = browser_of(cast.paula)
    page = client.get(chosen(client, f"{GOOD}switchyard,platform,2026-W24,7,9,40\n"))
    assert "stands in rows 2, 4 with different words" in text(page)
    assert "add one week" in text(page)


def test_rows_of_a_product_that_others_answer_for_are_refused(cast: Cast) -> None:
    own(cast.booking, make_product("ledger", "I"))
    client = browser_of(cast.emil)
    page = client.get(chosen(client, f"{GOOD}ledger,booking,2026-06-08,1,2,3\n"))
    assert "You answer for no product" in text(page)
    assert "add one week. Two rows cannot be applied" in text(page)


def test_files_are_their_owners_and_pages_are_for_internal_products(cast: Cast) -> None:
    client = browser_of(cast.emil)
    assert client.get("/usage/import/").status_code == 403
    kept = KeptSheet.objects.create(
        kind=SheetKind.USAGE, owner=cast.emil, name="usage.csv", encoding="utf-8", text=GOOD,
        kept_at=datetime.now(UTC), expires_at=datetime(2099, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert client.post(f"/usage/import/{kept.pk}/").status_code == 403
    assert browser_of(cast.paula).post(f"/usage/import/{kept.pk}/").status_code == 404
    assert not Usage.objects.exists()


def test_a_file_without_its_columns_says_which_are_missing(cast: Cast) -> None:
    client = browser_of(cast.paula)
    page = client.get(chosen(client, "product,team\nswitchyard,platform\n"))
    assert page.status_code == 422
    assert "There is no column “week” and “active_users” and “eligible_users”" in text(page)
