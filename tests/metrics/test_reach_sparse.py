"""Reach of products whose usage is not sent every week: what was not sent is not spoken of as not used."""

from datetime import datetime

import pytest

from metrics.queries.reach import Reach
from tests.conftest import Cast
from tests.metrics.test_reach import reach_at, send

pytestmark = pytest.mark.django_db


def words(reach: Reach) -> list[str]:
    return [team.state_text for team in reach.teams]


@pytest.mark.parametrize(
    ("apart", "said"),
    [
        (1, "uses it, though not in the last two weeks"),
        (4, "uses it, though not in the last two weeks that were sent"),
    ],
)
def test_weeks_that_nobody_sent_are_not_counted_as_unused(cast: Cast, now: datetime, apart: int, said: str) -> None:
    send(cast, cast.booking, [3, 0, 0], now, apart=apart)
    assert words(reach_at(cast, now)) == [said]
