"""Windows: how neighbouring releases cut or join them, and what is too soon to be read."""

import pytest
from hypothesis import given
from hypothesis import settings as campaign
from hypothesis import strategies as st

from metrics.stats.cadence import DAILY, WEEKLY, Cadence
from metrics.stats.reasons import NoEstimate, Reason
from metrics.stats.windows import Feed, Intervention, Window, window_of

DAYS = st.integers(0, 60)


def window(
    start: int,
    *others: int,
    horizon: int = 14,
    roll_out: int = 0,
    loaded: int = 1000,
    feed: Feed | None = None,
    cadence: Cadence = DAILY,
) -> Window | NoEstimate:
    known = [Intervention(one) for one in others]
    return window_of(Intervention(start, roll_out), known, horizon=horizon, cadence=cadence, loaded=loaded, feed=feed)


def sound(found: Window | NoEstimate) -> Window:
    assert isinstance(found, Window), found
    return found


def reason(found: Window | NoEstimate) -> Reason:
    assert isinstance(found, NoEstimate), found
    return found.reason


def test_a_release_by_itself_has_four_weeks_before_and_its_horizon_after() -> None:
    found = sound(window(100))
    assert found == Window(100, 0, 14, 4, 1, 14, is_early=False)
    assert (found.after, found.end, found.is_cut, found.is_joint) == (100, 114, False, False)


def test_what_is_read_begins_after_the_roll_out() -> None:
    found = sound(window(100, roll_out=5))
    assert (found.after, found.end) == (105, 119)


@pytest.mark.parametrize(("before", "weeks"), [(7, 1), (13, 1), (14, 2), (27, 3), (28, 4), (90, 4)])
def test_only_whole_weeks_since_the_release_before_are_a_baseline(before: int, weeks: int) -> None:
    assert sound(window(100, 100 - before)).weeks == weeks


@pytest.mark.parametrize(("after", "horizon"), [(7, 7), (10, 10), (14, 14), (40, 14)])
def test_the_next_release_ends_what_is_read(after: int, horizon: int) -> None:
    found = sound(window(100, 100 + after))
    assert found.horizon == horizon
    assert found.is_cut == (horizon < 14)


def test_releases_less_than_a_week_apart_chain_into_one() -> None:
    found = sound(window(106, 100, 112, 125, 93 - 7))
    assert (found.start, found.roll_out, found.members, found.horizon, found.weeks) == (100, 12, 3, 13, 2)


def test_a_bundle_lasts_at_most_fourteen_days() -> None:
    assert sound(window(100, 106, 110, 114)).members == 4
    assert reason(window(100, 106, 110, 115)) is Reason.TOO_CLOSE


def test_two_releases_of_one_day_are_two() -> None:
    assert sound(window(100, 100)).members == 2


def test_ten_releases_in_a_month_are_too_close() -> None:
    found = window(112, *(100 + 3 * number for number in range(10) if number != 4))
    assert isinstance(found, NoEstimate)
    assert found.words == "releases too close: 10 within 28 days"


def test_a_roll_out_that_runs_into_the_next_release_leaves_nothing_to_read() -> None:
    found = window(100, 110, roll_out=8)
    assert isinstance(found, NoEstimate)
    assert (found.reason, found.words) == (Reason.TOO_CLOSE, "2 days before the next release; needs 7")


@pytest.mark.parametrize(
    ("loaded", "expected"),
    [(100, Reason.FUTURE), (99, Reason.FUTURE), (101, Reason.FEW_AFTER), (106, Reason.FEW_AFTER)],
)
def test_seven_days_have_to_be_there(loaded: int, expected: Reason) -> None:
    assert reason(window(100, loaded=loaded)) is expected


def test_from_seven_days_on_there_is_an_early_reading() -> None:
    found = sound(window(100, loaded=108))
    assert (found.horizon, found.planned, found.is_early, found.is_cut) == (8, 14, True, False)
    assert not sound(window(100, loaded=114)).is_early


def test_a_feed_that_stopped_is_not_waited_for() -> None:
    assert reason(window(100, loaded=109, feed=Feed(today=113, usual_lag=2))) is Reason.FEED_STOPPED
    assert sound(window(100, loaded=109, feed=Feed(today=112, usual_lag=2))).is_early
    assert sound(window(100, loaded=114, feed=Feed(today=400, usual_lag=2))).horizon == 14


def test_a_release_of_tomorrow_is_no_stopped_feed() -> None:
    assert reason(window(120, loaded=100, feed=Feed(today=119, usual_lag=1))) is Reason.FUTURE


def test_weeks_chain_only_within_one() -> None:
    assert sound(window(50, 49, horizon=4, cadence=WEEKLY)).weeks == 1
    assert sound(window(50, 50, horizon=4, cadence=WEEKLY)).members == 2
    assert reason(window(50, horizon=4, loaded=51, cadence=WEEKLY)) is Reason.FEW_AFTER


@pytest.mark.parametrize(("horizon", "roll_out"), [(6, 0), (14, -1)])
def test_what_no_data_could_make_right_is_an_error(horizon: int, roll_out: int) -> None:
    with pytest.raises(ValueError, match="A horizon is at least 7 days"):
        window(100, horizon=horizon, roll_out=roll_out)


@given(
    start=DAYS,
    others=st.lists(DAYS, max_size=8),
    order=st.randoms(use_true_random=False),
    horizon=st.sampled_from([7, 14, 28]),
)
@campaign(max_examples=300, deadline=None)
def test_the_order_of_releases_changes_nothing_and_windows_hold_no_other(
    start: int, others: list[int], order: object, horizon: int
) -> None:
    shuffled = list(others)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    found = window(start, *others, horizon=horizon)
    assert found == window(start, *shuffled, horizon=horizon)
    if isinstance(found, NoEstimate):
        return
    assert 7 <= found.horizon <= horizon
    assert 1 <= found.weeks <= 4
    inside = [one for one in others if found.start - 7 * found.weeks < one < found.end]
    assert all(found.start <= one <= found.after for one in inside)
