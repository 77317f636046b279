"""The list of releases and the release page: what they say, what they refuse to claim, and what they cost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.queries.release import ReleasePage, release_page
from metrics.queries.releases import ReleaseFilter, release_list
from metrics.services.rollups import refresh
from products.models import Product, Release, ReleaseEvent, User
from products.services.releases import NewReleaseEvent, erase_release_event, ingest_release_event
from tests.conftest import Cast
from tests.factories import make_kpi
from tests.journeys.test_pages import signed_in, text_of
from tests.metrics.test_dashboards import read, ship

pytestmark = pytest.mark.django_db
START = datetime(2026, 6, 1, 10, tzinfo=UTC)


def plan(product: Product, version: str, at: datetime, now: datetime) -> None:
    """Say that a version is coming."""
    event = NewReleaseEvent("test", f"{version}-planned", product, version, "planned", now, planned_for=at)
    ingest_release_event(event=event, now=now)


def page_of(user: User, version: str, now: datetime) -> ReleasePage:
    """The release's page for a reader."""
    page = release_page(user, Release.objects.get(version=version).pk, now=now)
    assert page is not None
    return page


def fact(page: ReleasePage, name: str) -> tuple[str, ...]:
    """What the page knows under this name."""
    return next(one.lines for one in page.facts if one.name == name)


def test_the_newest_release_stands_first_and_a_planned_one_has_its_date(cast: Cast, now: datetime) -> None:
    ship(cast.checkout, "1.0", START, now)
    ship(cast.switchyard, "2.0", START + timedelta(days=2), now)
    plan(cast.checkout, "3.0", now + timedelta(days=9), now)
    rows = release_list(cast.otto, ReleaseFilter()).rows
    assert [(row.title, row.live_text) for row in rows] == [
        ("3.0", "planned for 24 Jun 2026"),
        ("2.0", "3 Jun 2026"),
        ("1.0", "1 Jun 2026"),
    ]


def test_a_row_tells_the_rollback_and_the_exposure_after_it(cast: Cast, now: datetime) -> None:
    ship(cast.checkout, "1.0", START, now)
    ship(cast.checkout, "1.0", START + timedelta(minutes=14), now, kind="rolled_back")
    again = NewReleaseEvent("test", "again", cast.checkout, "1.0", "exposed", START + timedelta(days=2))
    ingest_release_event(event=again, now=now)
    (row,) = release_list(cast.emil, ReleaseFilter()).rows
    assert row.happened == ("rolled back 1 Jun 2026 after 14 minutes", "exposed again 3 Jun 2026")
    assert row.live_text == "3 Jun 2026"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["2.0", "1.0"]),
        ("product=checkout", ["1.0"]),
        ("type=I", ["2.0"]),
        ("state=rolled_back", ["2.0"]),
        ("from=2026-06-02", ["2.0"]),
        ("to=2026-06-01", ["1.0"]),
        ("from=2026-06-01&to=2026-06-03&type=E&state=live&product=checkout", ["1.0"]),
        ("state=planned", []),
    ],
)
def test_filters_stand_in_the_address(cast: Cast, now: datetime, query: str, titles: list[str]) -> None:
    ship(cast.checkout, "1.0", START, now)
    ship(cast.switchyard, "2.0", START + timedelta(days=2), now)
    ship(cast.switchyard, "2.0", START + timedelta(days=3), now, kind="rolled_back")
    response = signed_in(cast.otto).get(f"/releases/?{query}")
    assert re.findall(r'href="/releases/R-\d+/">([^<]+)<', response.content.decode()) == titles
    if not titles:
        assert "No release fits these filters" in text_of(response)


def test_a_day_of_the_filter_is_the_products_own(cast: Cast, now: datetime) -> None:
    Product.objects.filter(pk=cast.checkout.pk).update(time_zone="Pacific/Auckland")
    ship(cast.checkout, "1.0", datetime(2026, 6, 1, 18, tzinfo=UTC), now)
    second = START.date() + timedelta(days=1)
    assert release_list(cast.emil, ReleaseFilter(since=second, until=second)).total == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("product=nothing", "'product' is 'nothing', which there is not"),
        ("type=X", "Choose one of I, E."),
        ("state=gone", "Choose one of planned, released, live, rolled_back."),
        ("from=yesterday", "'from' must be a day like 2026-06-08."),
        ("to=2026-02-30", "'to' must be a day like 2026-06-08."),
        ("from=2026-06-02&to=2026-06-01", "'from' is after 'to'"),
        ("page=0", "'page' must be a whole number"),
        ("state=%00", "which there is not"),
    ],
)
def test_a_filter_that_says_nothing_is_refused_in_words(cast: Cast, query: str, words: str) -> None:
    response = signed_in(cast.otto).get(f"/releases/?{query}")
    assert response.status_code == 400
    assert words in text_of(response).replace("&#x27;", "'")


def test_two_releases_cost_as_many_statements_as_fifty(cast: Cast, now: datetime) -> None:
    counts = []
    for numbers in (range(2), range(2, 50)):
        for number in numbers:
            ship(cast.checkout, f"{number}.0", START + timedelta(hours=number), now)
        with CaptureQueriesContext(connection) as statements:
            assert len(release_list(cast.emil, ReleaseFilter()).rows) == numbers.stop
        counts.append(len(statements))
    assert counts == [3, 3]


def test_the_list_goes_on_after_fifty(cast: Cast, now: datetime) -> None:
    for number in range(51):
        ship(cast.checkout, f"{number}.0", START + timedelta(hours=number), now)
    first = signed_in(cast.otto).get("/releases/?type=E")
    assert 'rel="next" href="?type=E&amp;page=2"' in first.content.decode()
    assert [row.title for row in release_list(cast.otto, ReleaseFilter(), page=2).rows] == ["0.0"]
    assert "There is no page 9" in text_of(signed_in(cast.otto).get("/releases/?page=9"))


def test_the_list_is_read_in_the_order_of_its_index(cast: Cast, now: datetime) -> None:
    with CaptureQueriesContext(connection) as statements:
        release_list(cast.lena, ReleaseFilter())
    listing = next(one["sql"] for one in statements if "NULLS LAST" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")  # a few rows are read in any way
        cursor.execute(f"EXPLAIN {listing}")
        plan_of_it = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using products_release_newest_first" in plan_of_it, plan_of_it
    assert "Sort" not in plan_of_it


def test_without_a_release_the_list_says_how_to_send_one(cast: Cast) -> None:
    response = signed_in(cast.otto).get("/releases/")
    assert "No release event has arrived yet" in text_of(response)
    assert "POST /api/v1/release-events" in text_of(response)


def test_the_journal_lists_events_as_they_count_and_says_how_late_each_came(cast: Cast, now: datetime) -> None:
    ship(cast.checkout, "1.0", START + timedelta(hours=3), START + timedelta(hours=3), kind="rolled_back")
    ship(cast.checkout, "1.0", START, START + timedelta(days=2))
    journal = page_of(cast.emil, "1.0", now).journal
    assert [(row.kind_text, row.occurred_text, row.late_text) for row in journal] == [
        ("Exposed", "1 Jun 2026, 10:00", "2 days later"),
        ("Rolled back", "1 Jun 2026, 13:00", "at once"),
    ]


def test_an_erased_event_leaves_a_tombstone_with_its_key(cast: Cast, now: datetime) -> None:
    ship(cast.checkout, "1.0", START, now)
    erase_release_event(event=ReleaseEvent.objects.get(), now=now)
    page = page_of(cast.emil, "1.0", now)
    assert [(row.kind_text, row.is_erased, row.event_id) for row in page.journal] == [
        ("Erased", True, "checkout-1.0-exposed")
    ]
    assert "1 erased" in page.journal_title
    response = signed_in(cast.emil).get(f"/releases/{page.key}/")
    assert "it counts for nothing" in text_of(response)


def test_the_pm_is_the_one_on_duty_when_it_went_live(cast: Cast, now: datetime) -> None:
    ship(cast.checkout, "1.0", START, now)
    plan(cast.checkout, "2.0", now + timedelta(days=9), now)
    assert fact(page_of(cast.otto, "1.0", now), "PM on duty") == ("Emil",)
    assert fact(page_of(cast.otto, "2.0", now), "PM on duty") == ("said once it is live",)
    ship(cast.checkout, "0.1", datetime(2019, 6, 1, tzinfo=UTC), now)
    assert fact(page_of(cast.otto, "0.1", now), "PM on duty") == ("nobody that day",)


def test_the_sentence_follows_the_state(cast: Cast, now: datetime) -> None:
    ship(cast.checkout, "1.0", START, now)
    ship(cast.checkout, "2.0", START, now)
    ship(cast.checkout, "2.0", START + timedelta(minutes=14), now, kind="rolled_back")
    ship(cast.checkout, "3.0", START, now, kind="released")
    plan(cast.checkout, "4.0", now + timedelta(days=9), now)
    plan(cast.checkout, "5.0", now - timedelta(days=9), now)
    beta = NewReleaseEvent("test", "b", cast.checkout, "6.0", "released", START, environment="beta")
    ingest_release_event(event=beta, now=now)
    said = {version: page_of(cast.otto, version, now).verdict for version in ("1.0", "2.0", "3.0", "4.0", "5.0", "6.0")}
    assert said == {
        "1.0": "1.0 has been live since 1 June 2026. No effect has been estimated yet.",
        "2.0": "2.0 was rolled back 1 Jun 2026 after 14 minutes. Nobody has it now, so no effect is counted.",
        "3.0": "3.0 was released on 1 June 2026, and no event says that users have it yet.",
        "4.0": "4.0 is planned for 24 June 2026. Nothing can be measured before it is live.",
        "5.0": "5.0 was planned for 6 June 2026, and no event says that it is out.",
        "6.0": "6.0 was released to beta on 1 June 2026. Only production starts the clock, so nothing is measured here.",
    }


def test_the_main_kpi_comes_first_and_this_release_stands_out(cast: Cast, now: datetime) -> None:
    for slug in ("a", "b", "c", "d"):
        make_kpi(cast.checkout, slug, "ratio")
    main = make_kpi(cast.checkout, "main", "ratio", is_main=True)
    read(main, {(START + timedelta(days=step)).date(): (1, 4) for step in range(-20, 9)}, now)
    ship(cast.checkout, "1.0", START - timedelta(days=9), now)
    ship(cast.checkout, "2.0", START, now)
    refresh(now=now)
    charts = page_of(cast.emil, "2.0", now).charts
    assert [chart.title for chart in charts] == ["Main", "A", "B", "C"]
    assert charts[0].picture is not None
    assert [(flag.label, flag.is_own) for flag in charts[0].picture.markers] == [("1.0", False), ("2.0", True)]
    assert charts[1].text.startswith("No readings from")


def test_an_old_release_is_shown_among_the_months_around_it(cast: Cast, now: datetime) -> None:
    ship(cast.checkout, "1.0", datetime(2024, 3, 10, tzinfo=UTC), now)
    ship(cast.checkout, "2.0", START, now)
    assert page_of(cast.emil, "1.0", now).months == "August 2023 to September 2024"
    assert page_of(cast.emil, "2.0", now).months == "May 2025 to June 2026"
    assert page_of(cast.emil, "1.0", now).markers == 1


def test_an_internal_release_is_shown_on_its_reach(cast: Cast, now: datetime) -> None:
    ship(cast.switchyard, "1.0", START, now)
    assert [chart.title for chart in page_of(cast.paula, "1.0", now).charts] == ["Reach"]


def test_one_event_and_kpi_cost_as_many_statements_as_fifty(cast: Cast, now: datetime) -> None:
    counts = []
    for numbers in (range(1), range(1, 50)):
        for number in numbers:
            kpi = make_kpi(cast.checkout, f"kpi-{number}", "ratio", is_main=not number)
            read(kpi, {START.date(): (1, 4)}, now)
            event = NewReleaseEvent("ci", f"e-{number}", cast.checkout, "1.0", "exposed", START, sequence=number)
            ingest_release_event(event=event, now=now)
            ship(cast.checkout, f"{number}.5", START + timedelta(hours=number), now)
        refresh(now=now)
        with CaptureQueriesContext(connection) as statements:
            page_of(cast.emil, "1.0", now)
        counts.append(len(statements) - 1)
    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize("name", ["paula", "emil", "lena", "otto", "admin"])
def test_releases_are_open_to_everybody_signed_in(cast: Cast, now: datetime, name: str) -> None:
    ship(cast.checkout, "1.0", START, now)
    key = Release.objects.get().key
    for path in ("/releases/", f"/releases/{key}/"):
        response = signed_in(getattr(cast, name)).get(path)
        assert response.status_code == 200
        assert "No effect has been estimated yet" in text_of(response)
        assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/releases/", "/releases/R-1/", "/releases/R-999999999999999999999/"])
def test_a_stranger_is_sent_to_sign_in(cast: Cast, path: str) -> None:
    assert Client().get(path)["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("path", ["/releases/R-1/", "/releases/R-999999999999999999999/", "/releases/R-x/"])
def test_an_unknown_release_is_not_found_in_words(cast: Cast, path: str) -> None:
    response = signed_in(cast.lena).get(path)
    assert response.status_code == 404
    assert "There is no such page, or it is not one that you may see" in text_of(response)


def test_the_pages_are_only_read(cast: Cast) -> None:
    for path in ("/releases/", "/releases/R-1/", "/kpis/", "/kpis/x/", "/kpis/x/readings.csv"):
        assert signed_in(cast.lena).post(path).status_code == 405
