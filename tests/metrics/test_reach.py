"""Reach: who uses an internal product, who stopped, and whether usage still arrives."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from metrics.queries.reach import Reach
from metrics.services.rollups import refresh
from metrics.services.usage import NewUsage, push_usage
from products.models import Team
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_token
from tests.metrics.test_product_page import page_of
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def monday(now: datetime) -> date:
    """The Monday of the week that runs."""
    return now.date() - timedelta(days=now.date().weekday())


def send(cast: Cast, team: Team, active: Sequence[int | None], now: datetime, *, apart: int = 1, ago: int = 1) -> None:
    """Usage of a team, the newest last and ``ago`` weeks old, so many weeks apart; None sends nothing."""
    weeks = [monday(now) - WEEK * (ago + apart * back) for back in range(len(active))][::-1]
    rows = [
        NewUsage(cast.switchyard, team, week, count, 9)
        for week, count in zip(weeks, active, strict=True)
        if count is not None
    ]
    push_usage(rows=rows, source="test", now=now)
    refresh(now=now)


def reach_at(cast: Cast, now: datetime) -> Reach:
    reach = page_of(cast.paula, "switchyard", now).reach
    assert reach is not None
    return reach


def test_a_team_that_was_sent_as_none_for_four_weeks_stopped(cast: Cast, now: datetime) -> None:
    send(cast, cast.booking, [3, 2, 0, 0, 0, 0], now)
    send(cast, cast.platform, [3, 2, 2, 0, 0, 0], now)
    stopped, quiet = reach_at(cast, now).teams
    assert (stopped.slug, stopped.state, stopped.stopped_since) == ("booking", "stopped", monday(now) - WEEK * 4)
    assert stopped.last_used == monday(now) - WEEK * 5
    assert (quiet.slug, quiet.state) == ("platform", "uses")
    assert quiet.state_text == "uses it, though not in the last three weeks"


def test_weeks_that_nobody_sent_stop_nobody(cast: Cast, now: datetime) -> None:
    send(cast, cast.booking, [3, 2, None, None, None, None], now)
    send(cast, cast.platform, [3, 2, 2, 2, 2, 2], now)
    silent, uses = reach_at(cast, now).teams
    assert (silent.state, silent.stopped_since) == ("unknown", None)
    assert silent.state_text.startswith("no data: nothing was sent since the week of")
    assert uses.state == "uses"


def test_a_team_that_never_used_it_did_not_stop(cast: Cast, now: datetime) -> None:
    send(cast, cast.booking, [0, 0, 0, 0, 0, 0], now)
    (team,) = reach_at(cast, now).teams
    assert (team.state, team.last_used, team.stopped_since) == ("never", None, None)


def test_the_week_that_runs_stops_nobody(cast: Cast, now: datetime) -> None:
    send(cast, cast.booking, [3, 0, 0, 0, 0], now, ago=0)
    (team,) = reach_at(cast, now).teams
    assert team.state == "uses"


@pytest.mark.parametrize(
    ("apart", "ago", "is_stale"),
    [(1, 1, False), (1, 2, False), (1, 3, True), (4, 5, False), (4, 6, True)],
    ids=["weekly, fresh", "weekly, due today", "weekly, late", "monthly, fresh", "monthly, late"],
)
def test_a_feed_is_stale_when_it_is_quiet_for_longer_than_its_own_rhythm(
    cast: Cast, now: datetime, apart: int, ago: int, is_stale: bool
) -> None:
    send(cast, cast.booking, [3, 3, 3, 3], now, apart=apart, ago=ago)
    feed = reach_at(cast, now).feed
    assert (feed.is_stale, feed.rhythm_days) == (is_stale, 7 * apart)
    assert bool(feed.text) is is_stale
    if is_stale:
        usual = "every week" if apart == 1 else "every four weeks"
        assert f"until then it came {usual}" in feed.text


def test_a_stale_feed_is_said_on_the_page_and_never_drawn_as_zero(cast: Cast) -> None:
    now = datetime.now().astimezone()
    send(cast, cast.booking, [3, 3, 3], now, ago=5)
    page = browser_of(cast.paula).get("/products/switchyard/")
    assert "No usage was sent since the week of" in text(page)
    reach = reach_at(cast, now)
    assert reach.people_picture.points[-1] == (monday(now) - WEEK * 5, 3.0)


def test_the_json_says_what_the_page_says(cast: Cast) -> None:
    now = datetime.now().astimezone()
    send(cast, cast.booking, [3, 2, 0, 0, 0, 0], now)
    answer = Api(make_token(cast.paula, product=cast.switchyard)).get("products/switchyard/impact").json()
    told = reach_at(cast, now)
    assert [team["state_text"] for team in answer["reach"]["teams"]] == [team.state_text for team in told.teams]
    assert answer["reach"]["feed"]["rhythm_days"] == 7
    page = text(browser_of(cast.paula).get("/products/switchyard/"))
    assert all(team.state_text in page for team in told.teams)


def test_the_csv_holds_every_week_of_every_team_and_can_be_uploaded_again(cast: Cast) -> None:
    now = datetime.now().astimezone()
    send(cast, cast.booking, [3, 0], now)
    answer = browser_of(cast.emil).get("/products/switchyard/reach.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "product,team,week,active_users,eligible_users,actions,source,recorded_at"
    assert [line.split(",")[1:4] for line in lines[1:]] == [
        ["booking", str(monday(now) - WEEK * 2), "3"],
        ["booking", str(monday(now) - WEEK), "0"],
    ]
    assert browser_of(cast.emil).get("/products/checkout/reach.csv").status_code == 404
