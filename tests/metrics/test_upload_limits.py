"""Uploads that are refused: no table, too much, not this person's, no longer kept."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from metrics.models import Kpi, Reading, Upload
from metrics.services.uploads import drop_expired_uploads, keep_upload
from metrics.tasks import drop_uploads
from pmtrack.web.tables.files import MOST_LINES, SheetText
from tests.conftest import Cast
from tests.factories import make_kpi, make_product, own
from tests.metrics.uploads import GOOD, MIXED, PLAN, browser_of, choose, chosen, text


@pytest.fixture
def visits(cast: Cast) -> Kpi:
    """Checkout's visits, a sum without a source."""
    return make_kpi(cast.checkout, "visits", "sum")


@pytest.fixture
def emil(cast: Cast, visits: Kpi) -> Client:
    """Emil's browser."""
    return browser_of(cast.emil)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"day,value\n", "a header and no row below it"),
        (b"PK\x03\x04rest of a workbook", "Save the sheet as CSV"),
        (b"day,value\n" + b"2026-01-01,5\n" * MOST_LINES, "more than 25,000 lines"),
        (b'day,value\n2026-01-01,"5\n', "opened and not closed"),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_its_field(emil: Client, content: bytes, words: str) -> None:
    answer = choose(emil, content)
    assert answer.status_code == 422
    assert words in text(answer)
    assert "<title>Error: Upload Visits" in text(answer)
    assert 'aria-invalid="true"' in text(answer)
    assert not Upload.objects.exists()


def test_no_file_at_all_is_said(emil: Client) -> None:
    answer = emil.post("/kpis/visits/upload/", {})
    assert (answer.status_code, "Choose a file." in text(answer)) == (422, True)


def test_a_million_rows_are_refused_at_once(emil: Client) -> None:
    content = b"day,value\n" + b"2026-01-01,5\n" * 1_000_000
    started = time.perf_counter()
    answer = choose(emil, content)
    assert (answer.status_code, "more than 25,000 lines" in text(answer)) == (422, True)
    assert time.perf_counter() - started < 5


def test_a_file_over_25_mb_is_refused_before_it_is_kept(emil: Client) -> None:
    answer = choose(emil, b"day,value\n" + b"2026-01-01,5,\n" * 2_000_000)
    assert (answer.status_code, "over 25 MB" in text(answer)) == (413, True)


def test_a_column_that_is_not_there_or_used_twice_is_refused(emil: Client) -> None:
    page = chosen(emil, GOOD)
    gone = emil.get(page, {**PLAN, "value": "7"})
    assert (gone.status_code, "Choose the column that holds “value”." in text(gone)) == (422, True)
    twice = emil.get(page, {**PLAN, "value": "0"})
    assert (twice.status_code, "cannot stand in the same column" in text(twice)) == (422, True)
    nameless = emil.post(page, {**PLAN, "source": " "})
    assert (nameless.status_code, "Name the program" in text(nameless)) == (422, True)


@pytest.mark.parametrize(
    ("who", "status"), [("emil", 200), ("lena", 200), ("paula", 403), ("otto", 403), ("admin", 403)]
)
def test_only_the_products_pm_and_lead_may_upload(cast: Cast, visits: Kpi, who: str, status: int) -> None:
    client = Client()
    client.force_login(getattr(cast, who))
    assert client.get("/kpis/visits/upload/").status_code == status
    assert choose(client, GOOD).status_code == (303 if status == 200 else 403)
    assert ("Upload Visits as a CSV" in text(client.get("/products/checkout/"))) == (status == 200)


def test_strangers_are_asked_to_sign_in_and_unknown_kpis_are_not_found(client: Client, emil: Client) -> None:
    assert client.get("/kpis/visits/upload/").status_code == 302
    assert client.get("/kpis/visits/upload/1/").status_code == 302
    assert emil.get("/kpis/nothing/upload/").status_code == 404
    assert emil.get("/kpis/visits/upload/99999999999999999999999/").status_code == 404


def test_a_file_is_its_owners_alone(cast: Cast, emil: Client) -> None:
    page = chosen(emil, MIXED)
    lena = Client()
    lena.force_login(cast.lena)
    assert lena.get(page).status_code == 404
    assert lena.post(page, {**PLAN, "keep_good_rows": "yes"}).status_code == 404
    assert lena.get(f"{page}refused.csv", PLAN).status_code == 404


def test_a_role_that_ended_ends_the_upload_too(cast: Cast, emil: Client) -> None:
    page = chosen(emil, GOOD)
    cast.emil.memberships.all().delete()
    cast.emil.assignments.all().delete()
    assert emil.post(page, PLAN).status_code == 403
    assert not Reading.objects.exists()


def test_a_file_belongs_to_the_kpi_it_was_chosen_for(cast: Cast, emil: Client) -> None:
    make_kpi(cast.checkout, "other", "sum")
    page = chosen(emil, GOOD)
    assert emil.get(page.replace("visits", "other")).status_code == 404


def test_files_are_forgotten_after_a_day(cast: Cast, visits: Kpi, emil: Client) -> None:
    now = datetime.now(UTC)
    page = chosen(emil, GOOD)
    assert drop_expired_uploads(now=now + timedelta(hours=23)) == 0
    Upload.objects.update(kept_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    assert emil.get(page).status_code == 404
    drop_uploads()
    assert not Upload.objects.exists()


def test_of_one_owners_files_only_the_newest_are_kept(cast: Cast, visits: Kpi, now: datetime) -> None:
    for number in range(8):
        name = f"{number}.csv"
        keep_upload(kpi=visits, owner=cast.emil, name=name, sheet=SheetText("day,value\n1,2\n", "utf-8"), now=now)
    assert list(Upload.objects.order_by("pk").values_list("name", flat=True)) == [f"{n}.csv" for n in range(3, 8)]


def test_another_teams_kpi_stays_closed_to_a_lead_of_none(cast: Cast, emil: Client) -> None:
    strange = make_product("strange", "E")
    own(cast.finance, strange)
    make_kpi(strange, "theirs", "sum")
    assert emil.get("/kpis/theirs/upload/").status_code == 403
