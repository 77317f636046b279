"""Allies: what came through them is counted by function, never ranked; they are thanked by who stands for the product."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from feedback.models import AllyThank, Outreach
from feedback.queries.allies import Allies, allies_of, thanks_to
from feedback.services.thanks import NotAnAlly, NotTheirs, thank_ally
from products.models import Ally, SignOff, User
from products.queries.ally_waits import FunctionWait, function_waits
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_entry, make_release, make_user, since, speak
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
START, END = NOW - timedelta(days=90), NOW + timedelta(days=1)


@pytest.fixture
def petra(cast: Cast) -> User:
    """Petra is Checkout's account manager."""
    petra = make_user("Petra")
    Ally.objects.create(product=cast.checkout, user=petra, function="account_management", period=since())
    return petra


def of(cast: Cast, reader: User | None = None) -> Allies:
    """What Checkout's page tells its reader."""
    return allies_of(reader or cast.emil, "checkout", start=START, end=END, day=NOW.date())


def waits(cast: Cast) -> dict[str, FunctionWait]:
    """How long Checkout waited, by function."""
    return {one.function: one for one in function_waits(cast.emil, "checkout", start=START, end=END, now=NOW)}


def decided(cast: Cast, days: float, ago: float, function: str = "legal", decision: str = "approved") -> SignOff:
    """A sign-off that took ``days`` and was decided ``ago`` days ago."""
    at = NOW - timedelta(days=ago)
    release = make_release(cast.checkout, f"5.{SignOff.objects.count()}")
    asked = {"approver": cast.otto, "requested_by": cast.emil, "requested_at": at - timedelta(days=days)}
    row = SignOff.objects.create(release=release, function=function, due_on=NOW.date(), **asked)
    told = {
        "decision": decision,
        "decided_at": at,
        "decided_by": cast.otto,
        "words": "" if decision == "approved" else "So.",
    }
    SignOff.objects.filter(pk=row.pk).update(**told)
    return row


def test_entries_and_introductions_through_an_ally_are_counted_in_the_period(cast: Cast, petra: User) -> None:
    account = make_account("nord", petra, consent="yes", consent_via=petra)
    for ago in (1, 2, 200):
        speak(make_entry(cast.emil, cast.checkout, received_at=NOW - timedelta(days=ago)), account=account, via=petra)
    asked = {"product": cast.checkout, "account": account, "via": petra, "purpose": "Why?", "asked_by": cast.emil}
    Outreach.objects.create(asked_at=NOW - timedelta(days=9), held_at=NOW - timedelta(days=2), **asked)
    Outreach.objects.create(asked_at=NOW - timedelta(days=9), **asked)
    Outreach.objects.create(asked_at=NOW - timedelta(days=9), called_off_at=NOW, **asked)
    (row,) = of(cast).rows
    assert (row.entries, row.introductions_text) == (2, "1 of 2 held")
    assert of(cast).title == "1 ally: 2 entries and 1 introduction came through them"


def test_allies_of_today_stand_by_function_and_name(cast: Cast, petra: User) -> None:
    for name, function in (("Zoe", "account_management"), ("Anna", "security")):
        Ally.objects.create(product=cast.checkout, user=make_user(name), function=function, period=since())
    gone = Ally.objects.create(product=cast.checkout, user=make_user("Gina"), function="data", period=since())
    Ally.objects.filter(pk=gone.pk).update(period=since(NOW.date() + timedelta(days=5)))
    assert [one.name for one in of(cast).rows] == ["Petra", "Zoe", "Anna"]


def test_a_thank_stands_on_the_page_and_on_the_allys_record(cast: Cast, petra: User) -> None:
    thank_ally(product=cast.checkout, ally=petra, words="For Brenner.", by=cast.emil, now=NOW)
    thank_ally(product=cast.checkout, ally=petra, words="For Brenner.", by=cast.emil, now=NOW + timedelta(hours=1))
    assert AllyThank.objects.count() == 1, "a form sent twice is one thank"
    (row,) = of(cast).rows
    assert (row.thanked, row.words) == ("by Emil on 15 Jun 2026", "For Brenner.")
    (thank,) = thanks_to(petra, start=START, end=END)
    assert (thank.by, thank.product, thank.words) == ("Emil", "Checkout", "For Brenner.")


def test_only_who_stands_for_the_product_thanks_and_only_its_allies(cast: Cast, petra: User) -> None:
    for who in (cast.paula, cast.otto, cast.admin, petra):
        with pytest.raises(NotTheirs, match="Only PMs and leads of Checkout"):
            thank_ally(product=cast.checkout, ally=petra, words="", by=who, now=NOW)
    with pytest.raises(NotAnAlly, match="Otto is no ally of Checkout"):
        thank_ally(product=cast.checkout, ally=cast.otto, words="", by=cast.emil, now=NOW)
    with pytest.raises(NotAnAlly, match="Nobody thanks themselves"):
        thank_ally(product=cast.checkout, ally=cast.emil, words="", by=cast.emil, now=NOW)
    with pytest.raises(IntegrityError, match="Only an ally"), transaction.atomic():
        AllyThank.objects.create(product=cast.checkout, ally=cast.otto, by=cast.emil, at=NOW)
    with pytest.raises(IntegrityError, match="not_to_oneself"), transaction.atomic():
        AllyThank.objects.create(product=cast.checkout, ally=petra, by=petra, at=NOW)


def test_thanking_in_the_browser_shows_at_once_and_asks_nothing_of_the_ally(cast: Cast, petra: User) -> None:
    emil = browser_of(cast.emil)
    assert f"/products/checkout/allies/{petra.pk}/thank/" in text(emil.get("/products/checkout/", secure=True))
    address = f"/products/checkout/allies/{petra.pk}/thank/"
    assert emil.post(address, {"words": "x" * 301}, secure=True).status_code == 422
    assert emil.post(address, {"words": "For Brenner."}, secure=True).status_code == 303
    page = text(browser_of(cast.otto).get("/products/checkout/", secure=True))
    assert "For Brenner." in page
    assert "thank/" not in page, "Otto does not stand for Checkout"
    assert "Thanked as an ally" in text(browser_of(petra).get(f"/people/{petra.pk}/", secure=True))
    assert emil.get(f"/products/checkout/allies/{cast.otto.pk}/thank/", secure=True).status_code == 404
    assert browser_of(cast.paula).get(address, secure=True).status_code == 403


def test_waits_stand_beside_the_products_own_year_before(cast: Cast) -> None:
    for days in (2, 4, 6, 8, 10):
        decided(cast, days, ago=5)
    for days in (20, 20, 20, 20, 40):
        decided(cast, days, ago=200)
    decided(cast, 3, ago=5, function="privacy")
    found = waits(cast)
    assert (found["Legal"].text, found["Legal"].usual_text) == ("6 d (4 d to 8 d), n 5", "usual 20 d, n 5")
    assert (found["Privacy"].text, found["Privacy"].usual_text) == ("3 d, n 1", "no usual yet, n 0 of 5")


def test_what_is_open_is_told_and_what_was_waived_counts_nowhere(cast: Cast) -> None:
    asked = {"approver": cast.otto, "requested_by": cast.emil, "requested_at": NOW - timedelta(days=12)}
    SignOff.objects.create(release=make_release(cast.checkout, "9"), function="legal", due_on=NOW.date(), **asked)
    found = waits(cast)["Legal"]
    assert (found.text, found.open_text, found.asked) == ("nothing was decided", "1 open, the oldest for 12 d", 1)


def test_the_page_costs_the_same_with_many_allies(cast: Cast, petra: User) -> None:
    counts = []
    for more in (0, 20):
        for number in range(more):
            Ally.objects.create(product=cast.checkout, user=make_user(f"A{number}"), function="legal", period=since())
        with CaptureQueriesContext(connection) as statements:
            of(cast)
        counts.append(len(statements))
    assert counts == [3, 3]
