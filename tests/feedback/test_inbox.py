"""The inbox: whose items stand where, which are stuck, who is named to whom, and that it stays as cheap as it is."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import Feedback
from feedback.queries.inbox import Filters, Inbox, home_scope, inbox
from products.models import Product, User
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, speak

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def look(user: User, **filters: object) -> Inbox:
    return inbox(user, Filters(**filters), now=NOW)  # type: ignore[arg-type]


def keys(found: Inbox) -> list[str]:
    return [row.key for row in found.rows]


def usual(by: User, product: Product, days: int) -> None:
    """Five diagnoses that took so many days each."""
    for _ in range(5):
        make_diagnosis(
            by, product, make_entry(by, product, received_at=NOW - (days + 60) * DAY), diagnosed_at=NOW - 60 * DAY
        )


def test_each_scope_holds_what_it_says_and_the_counts_agree_with_the_lists(cast: Cast) -> None:
    checkout = make_entry(cast.otto, cast.checkout)
    switchyard = make_entry(cast.otto, cast.switchyard)
    unsorted = make_entry(cast.emil, None)
    for user, mine, team in (
        (cast.emil, [unsorted, checkout], [checkout]),
        (cast.lena, [], [unsorted, switchyard, checkout]),
        (cast.otto, [], []),
    ):
        counts = look(user).counts
        for scope, expected in (("mine", mine), ("team", team), ("all", [unsorted, switchyard, checkout])):
            assert keys(look(user, scope=scope)) == [entry.key for entry in expected]
            assert counts[scope] == len(expected)
    assert inbox(AnonymousUser(), Filters(), now=NOW).rows == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "scope"), [("emil", "mine"), ("lena", "team"), ("otto", "all"), ("admin", "all")])
def test_it_opens_where_the_reader_works(cast: Cast, name: str, scope: str) -> None:
    assert home_scope(getattr(cast, name), day=NOW.date()) == scope


def test_stuck_is_what_waits_longer_than_twice_the_usual_from_the_earliest_of_its_group(cast: Cast) -> None:
    usual(cast.emil, cast.checkout, 10)
    make_entry(cast.emil, cast.checkout, received_at=NOW - 19 * DAY)
    late = make_entry(cast.emil, cast.checkout, received_at=NOW - 21 * DAY)
    group = make_entry(cast.emil, cast.checkout, received_at=NOW - DAY)
    make_entry(cast.emil, cast.checkout, received_at=NOW - 30 * DAY, merged_into=group)
    make_entry(cast.paula, cast.switchyard, received_at=NOW - 900 * DAY)  # no usual yet: nobody can tell
    found = look(cast.emil, scope="stuck")
    assert keys(found) == [group.key, late.key]
    assert [row.age_text for row in found.rows] == ["30 d", "21 d"]
    assert found.rows[0].age_words == "heard 30 days ago, usual 10 d, stuck"
    assert found.counts["stuck"] == 2


def test_what_is_diagnosed_merged_or_withdrawn_is_not_open(cast: Cast) -> None:
    draft, done, merged, gone, plain = (make_entry(cast.emil, cast.checkout) for _ in range(5))
    make_diagnosis(cast.emil, cast.checkout, draft, done=False)
    make_diagnosis(cast.emil, cast.checkout, done)
    Feedback.objects.filter(pk=merged.pk).update(merged_into=plain)
    Feedback.objects.filter(pk=gone.pk).update(withdrawn_at=NOW, withdrawn_by=cast.emil)
    assert keys(look(cast.emil)) == [plain.key, draft.key]
    assert keys(look(cast.emil, state="diagnosed")) == [done.key]
    assert keys(look(cast.emil, state="any")) == [plain.key, done.key, draft.key]


def test_filters_by_product_and_words_narrow_the_list_and_its_counts(cast: Cast) -> None:
    depot = make_entry(cast.emil, cast.checkout, "Wrong depots are offered")
    make_entry(cast.emil, cast.checkout, "Invoices are late")
    make_entry(cast.paula, cast.switchyard, "Depot flags")
    found = look(cast.emil, product=cast.checkout.pk, words="depot")
    assert (keys(found), found.counts["all"]) == ([depot.key], 1)
    assert look(cast.emil, words="depot' | <!> \\ \"").rows is not None


def test_who_said_it_is_named_to_those_near_and_counted_for_others(cast: Cast) -> None:
    entry, other = make_entry(cast.emil, cast.checkout), make_entry(cast.emil, cast.checkout)
    merged = make_entry(cast.emil, cast.checkout, merged_into=entry)
    brenner, nord = make_account("brenner", consent="yes"), make_account("nordfrakt")
    for voiced, account in ((entry, brenner), (merged, brenner), (merged, nord), (other, nord)):
        speak(voiced, account=account, via=cast.emil)
    near, far = look(cast.emil).rows, look(cast.otto).rows
    assert [(row.who, row.consent, row.more) for row in near] == [
        ("Nordfrakt via Emil", "contact: not asked", 0),
        ("2 accounts via 1 colleague", "contact: 1 of 2 yes", 1),
    ]
    assert [(row.who, row.consent) for row in far] == [("a customer", ""), ("2 accounts via 1 colleague", "")]


def test_pages_go_on_without_a_gap_and_end(cast: Cast) -> None:
    entries = [make_entry(cast.emil, cast.checkout).key for _ in range(5)]
    seen, before = [], None
    while True:
        page = inbox(cast.emil, Filters(before=before), now=NOW, rows=2)
        seen += keys(page)
        if page.older is None:
            break
        before = page.older
    assert seen == entries[::-1]


def test_one_item_takes_as_many_statements_as_fifty(cast: Cast) -> None:
    taken = []
    for count in (1, 49):
        for number in range(count):
            entry = make_entry(cast.emil, cast.checkout)
            speak(entry, account=make_account(f"account-{count}-{number}"), via=cast.emil)
        with CaptureQueriesContext(connection) as statements:
            look(cast.emil)
        taken.append(len(statements))
    assert taken == [8, 8]
