"""The count beside Feedback in the rail: what stands open about the reader's products, at the cost of no statement."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import Feedback
from feedback.queries.inbox import Filters, inbox
from metrics.queries.scope import MOST_OPEN, known_teams
from metrics.queries.shell import shell_of
from products.models import User
from tests.conftest import Cast
from tests.factories import NOW, make_diagnosis, make_entry, make_team
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db


def count(user: User) -> int:
    return shell_of(user, known_teams(user, day=NOW.date()), nav="").open


def test_it_counts_what_stands_open_about_the_products_one_leads_or_is_pm_of(cast: Cast) -> None:
    plain, draft, done, merged, gone = (make_entry(cast.emil, cast.checkout) for _ in range(5))
    make_diagnosis(cast.emil, cast.checkout, draft, done=False)
    make_diagnosis(cast.emil, cast.checkout, done)
    Feedback.objects.filter(pk=merged.pk).update(merged_into=plain)
    Feedback.objects.filter(pk=gone.pk).update(withdrawn_at=NOW, withdrawn_by=cast.emil)
    make_entry(cast.paula, cast.switchyard)
    assert {name: count(getattr(cast, name)) for name in ("emil", "paula", "lena", "otto", "admin")} == {
        "emil": 2, "paula": 1, "lena": 3, "otto": 0, "admin": 0,
    }  # fmt: skip
    for user in (cast.emil, cast.paula, cast.lena):
        assert count(user) == inbox(user, Filters(), now=NOW).counts["team"]


def test_a_hundred_and_a_thousand_are_told_alike(cast: Cast) -> None:
    make_team("another")
    for _ in range(MOST_OPEN + 5):
        make_entry(cast.emil, cast.checkout)
    page = text(browser_of(cast.emil).get("/feedback/"))
    assert '<span aria-hidden="true">99+</span><span class="vh">, more than 99 open</span>' in page
    make_entry(cast.paula, cast.switchyard)
    assert count(cast.lena) == MOST_OPEN


def test_it_takes_no_statement_of_its_own_and_is_not_shown_where_nothing_is_open(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as statements:
        count(cast.emil)
    assert len(statements) == 1
    assert 'class="count"' not in text(browser_of(cast.emil).get("/feedback/"))
    make_entry(cast.emil, cast.checkout)
    assert '<span class="vh">, 1 open</span>' in text(browser_of(cast.emil).get("/feedback/"))
