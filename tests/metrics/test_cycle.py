"""The cycle on the impact pages: squares, ages against the product's own usual, what is stuck, and the pace."""

from datetime import timedelta

import pytest

from feedback.models import Feedback
from feedback.queries.board import board
from feedback.queries.inbox import Filters, inbox
from metrics.queries.cycle import CycleRow, StageCell, cycle_title
from metrics.queries.pace import pace, pace_of
from metrics.queries.periods import read_period
from metrics.queries.product_page import product_impact
from metrics.services.rollups import refresh
from products.models import Product, StageChange, User
from tests.conftest import Cast
from tests.factories import NOW, make_diagnosis, make_entry, make_feature, make_product, own
from tests.metrics.test_dashboards import dashboard_of

DAY = timedelta(days=1)


def diagnosed(by: User, product: Product, *, took: int) -> None:
    """What was heard, and a decision against it after so many days."""
    done = NOW - 30 * DAY
    made = make_diagnosis(by, product, make_entry(by, product, received_at=done - took * DAY), diagnosed_at=done)
    type(made).objects.filter(pk=made.pk).update(decision="decline", reason="Few.", decided_at=NOW, decided_by=by)


@pytest.fixture
def waiting(cast: Cast) -> Cast:
    """Checkout usually takes ten days to diagnose; one entry waits for 34, one for 12. Switchyard has no usual."""
    for _ in range(5):
        diagnosed(cast.emil, cast.checkout, took=10)
    make_entry(cast.emil, cast.checkout, received_at=NOW - 34 * DAY)
    make_entry(cast.emil, cast.checkout, received_at=NOW - 12 * DAY)
    make_entry(cast.paula, cast.switchyard, received_at=NOW - 500 * DAY)
    make_feature(cast.paula, cast.switchyard, stage_since=NOW - 8 * DAY)
    refresh(now=NOW)
    return cast


def row_of(rows: tuple[CycleRow, ...], slug: str) -> dict[str, StageCell]:
    """A product's cells by stage."""
    (row,) = [row for row in rows if row.slug == slug]
    return {cell.stage: cell for cell in row.cells}


@pytest.mark.django_db
def test_a_cell_holds_its_things_the_oldest_and_the_usual_and_calls_stuck_what_waits_twice_as_long(
    waiting: Cast,
) -> None:
    panel = dashboard_of(waiting.lena, NOW).cycle
    heard = row_of(panel.rows, "checkout")["heard"]
    assert (heard.n, heard.stuck, heard.age_text, heard.kinds) == (2, 1, "34 d / 10", ["stuck", "item"])
    assert heard.label == "Feedback: 2 items, 1 stuck, oldest 34 days, usual 10 days, n 5"
    without = row_of(panel.rows, "switchyard")
    assert (without["heard"].stuck, without["heard"].age_text) == (0, "500 d"), "without a usual nobody can tell"
    assert without["diagnosed"].n == 1
    assert (without["measured"].n, without["measured"].oldest_days) == (0, None)
    assert (panel.title, panel.stuck, panel.open) == ("One item is stuck, before diagnosis", 1, 4)
    assert dashboard_of(waiting.lena, NOW).verdict.endswith("One item is stuck.")


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", range(-60 * 30, 60 * 30, 333))
def test_the_board_the_inbox_and_the_impact_page_call_the_same_things_stuck(waiting: Cast, minutes: int) -> None:
    Product.objects.update(time_zone="America/Los_Angeles")
    edge = make_entry(waiting.emil, waiting.checkout, received_at=NOW - 20 * DAY + timedelta(minutes=minutes))
    refresh(now=NOW)
    page = row_of(dashboard_of(waiting.lena, NOW).cycle.rows, "checkout")["heard"]
    lanes = board(waiting.lena, [waiting.checkout.pk], page=1, now=NOW).lanes
    cell = lanes[0].cells[0]
    in_inbox = inbox(waiting.lena, Filters(scope="stuck"), now=NOW).rows
    assert page.stuck == cell.stuck == len(in_inbox) == 1 + any(row.number == edge.pk for row in in_inbox)


@pytest.mark.django_db
def test_a_product_page_shows_its_own_stages_even_where_nothing_stands(waiting: Cast) -> None:
    period = read_period("", "", today=NOW.date())
    own_page = product_impact(waiting.emil, "checkout", period=period, now=NOW)
    assert own_page is not None
    assert [cell.n for cell in own_page.cycle.cells] == [2, 0, 0, 0, 0]
    assert own_page.cycle.title == "One item is stuck, before diagnosis"
    make_product("empty", "E")
    empty = product_impact(waiting.emil, "empty", period=period, now=NOW)
    assert empty is not None
    assert (empty.cycle.title, empty.pace.title) == (
        "Nothing waits in the cycle",
        "Pace: no feature with feedback behind it released in a year",
    )


@pytest.mark.django_db
def test_the_panel_shows_twenty_products_and_never_leaves_out_a_stuck_one(waiting: Cast) -> None:
    for number in range(25):
        more = make_product(f"a{number:02}", "E")
        own(waiting.booking, more)
        make_entry(waiting.emil, more, received_at=NOW - DAY)
    refresh(now=NOW)
    panel = dashboard_of(waiting.lena, NOW).cycle
    assert (len(panel.rows), panel.more) == (20, 7)
    assert row_of(panel.rows, "checkout")["heard"].stuck == 1
    assert [row.slug for row in panel.rows] == sorted(
        (row.slug for row in panel.rows), key=lambda one: (one == "switchyard", one)
    )


@pytest.mark.parametrize(
    ("by_stage", "waiting", "known", "words"),
    [
        ({}, 0, False, "Nothing waits in the cycle"),
        ({}, 1, False, "One item in the cycle, no usual yet"),
        ({}, 12, True, "12 items in the cycle, nothing is stuck"),
        ({"building": 1}, 4, True, "One item is stuck, while it is built"),
        ({"diagnosed": 2}, 4, True, "Two items are stuck, all between diagnosis and build"),
        ({"heard": 2, "diagnosed": 5}, 9, True, "Seven items are stuck, five of them between diagnosis and build"),
    ],
)
def test_the_title_is_a_finding(by_stage: dict[str, int], waiting: int, known: bool, words: str) -> None:
    assert cycle_title({"heard": 0, "diagnosed": 0, "building": 0, **by_stage}, waiting, known=known) == words


def released(cast: Cast, *, took: int, ago: int = 10) -> None:
    """A feature whose first feedback came so many days before its release."""
    out = NOW - ago * DAY
    root = make_entry(cast.emil, cast.checkout, received_at=out - DAY)
    make_entry(cast.emil, cast.checkout, received_at=out - took * DAY, merged_into=root)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, root, diagnosed_at=out - DAY)
    feature = make_feature(cast.emil, cast.checkout, diagnosis, created_at=out - DAY)
    for stage, at in (("building", out - DAY), ("released", out), ("building", out + DAY), ("released", out + 2 * DAY)):
        before = "diagnosed" if at < out else "building" if stage == "released" else "released"
        StageChange.objects.create(feature=feature, from_stage=before, to_stage=stage, by=cast.emil, at=at)


@pytest.mark.django_db
def test_the_pace_runs_from_the_first_feedback_to_the_first_release_of_features_of_the_last_year(cast: Cast) -> None:
    for took in (10, 20, 30, 40):
        released(cast, took=took)
    released(cast, took=999, ago=366)
    assert pace(cast.checkout.pk, now=NOW).text == "4 features released, 5 needed"
    released(cast, took=50)
    found = pace(cast.checkout.pk, now=NOW)
    assert (found.text, found.title) == ("30 d (20 to 40), n 5", "Pace: 30 days from feedback to release")
    (row,) = [row for row in dashboard_of(cast.lena, NOW).products if row.slug == "checkout"]
    assert row.pace == found.text
    Feedback.objects.filter(merged_into__isnull=False).update(withdrawn_at=NOW, withdrawn_by=cast.emil)
    assert pace(cast.checkout.pk, now=NOW).text == "1 d (1 to 1), n 5", "what is taken back was not heard"


def test_without_any_feature_there_is_no_pace() -> None:
    assert (pace_of(()).text, pace_of(()).picture) == ("no data yet", None)
