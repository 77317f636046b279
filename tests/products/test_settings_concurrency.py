"""Two browsers at once on the settings: one is served, the others are told in words, nobody meets a 5xx."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from metrics.models import Kpi
from metrics.services.kpis import KPI_COLUMNS, KpiFacts, change_kpi
from products.models import Assignment, Exposure, Membership, Product, ProductTeam, Release, User
from products.services.people import LastAdmin, PersonFacts, change_person, mark_as_left
from products.services.products import PRODUCT_COLUMNS, ProductFacts, change_product
from products.services.releases import NewReleaseEvent, ingest_release_event, refold_releases
from tests.conftest import Cast
from tests.factories import NOW, make_kpi, make_user
from tests.metrics.connections import Elsewhere
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = datetime.now(UTC).date()
AT_ONCE = 8


def browsers(user: User) -> list[Client]:
    """Several windows of one person, signed in before the race begins."""
    windows = [Client(raise_request_exception=False) for _ in range(AT_ONCE)]
    for window in windows:
        window.force_login(user)
    return windows


def answers(user: User, path: str, given: dict[str, str]) -> list[int]:
    """The status that each of the windows gets for the same form sent at the same moment."""
    return sorted(at_once(lambda window: window.post(path, given).status_code, browsers(user)))


def test_one_role_added_from_many_browsers_is_there_once(cast: Cast) -> None:
    given = {"user": "otto@example.com", "role": "pm", "start": TODAY.isoformat()}
    assert answers(cast.lena, "/settings/teams/booking/roles/new/", given) == [303] + [422] * (AT_ONCE - 1)
    assert Membership.objects.filter(user=cast.otto, team=cast.booking).count() == 1


def test_many_owners_named_at_once_leave_one(cast: Cast) -> None:
    Assignment.objects.all().delete()
    given = {"user": "otto@example.com", "role": "owner", "start": TODAY.isoformat()}
    assert answers(cast.lena, "/settings/products/checkout/pms/new/", given) == [303] + [422] * (AT_ONCE - 1)
    people = [make_user(f"Owner {number}") for number in range(AT_ONCE)]

    def name_owner(pair: tuple[Client, User]) -> int:
        window, user = pair
        given = {"user": user.email, "role": "owner", "start": TODAY.isoformat()}
        return window.post("/settings/products/switchyard/pms/new/", given).status_code

    told = at_once(name_owner, list(zip(browsers(cast.lena), people, strict=True)))
    assert sorted(told) == [303] + [422] * (AT_ONCE - 1)


def test_an_ally_a_team_and_a_product_made_many_times_at_once_are_there_once(cast: Cast) -> None:
    ally = {"user": "otto@example.com", "function": "legal", "start": TODAY.isoformat()}
    assert answers(cast.emil, "/settings/products/checkout/allies/new/", ally).count(303) == 1
    assert answers(cast.admin, "/settings/teams/new/", {"name": "Rail", "slug": "rail"}).count(303) == 1
    product = {"name": "Rail", "slug": "rail", "type": "I", "time_zone": "UTC", "currency": "EUR"}
    assert answers(cast.admin, "/settings/products/new/", product) == [303] + [422] * (AT_ONCE - 1)
    person = {"name": "Noor", "email": "noor@example.com"}
    assert answers(cast.admin, "/settings/people/new/", person) == [303] + [422] * (AT_ONCE - 1)


def test_transfers_at_once_to_two_teams_leave_one_whole_history(cast: Cast) -> None:
    teams = ["finance", "platform"] * (AT_ONCE // 2)

    def give(pair: tuple[Client, str]) -> int:
        window, team = pair
        return window.post("/settings/products/checkout/team/", {"team": team, "start": TODAY.isoformat()}).status_code

    told = at_once(give, list(zip(browsers(cast.admin), teams, strict=True)))
    assert set(told) == {303, 422}
    spans = list(ProductTeam.objects.filter(product=cast.checkout).order_by("period"))
    assert len(spans) == 2
    assert spans[0].period.upper == spans[1].period.lower == TODAY


def test_one_role_ended_from_many_browsers_ends_once_and_the_others_are_told(cast: Cast) -> None:
    row = Membership.objects.get(user=cast.emil)
    path = f"/settings/teams/booking/roles/{row.pk}/"
    windows = browsers(cast.lena)
    version = str(windows[0].get(path).context["form"]["version"].value())
    given = {"role": "gone", "start": TODAY.isoformat(), "version": version}
    assert sorted(at_once(lambda window: window.post(path, given).status_code, windows)) == [303] + [409] * 7


def test_administrators_who_step_back_all_at_once_leave_one(cast: Cast) -> None:
    admins = [cast.admin, *(make_user(f"Admin {number}", is_admin=True) for number in range(5))]

    def step_back(admin: User) -> bool:
        try:
            if admin.pk % 2:
                mark_as_left(person=admin, now=NOW)
            else:
                change_person(person=admin, facts=PersonFacts(admin.name, admin.email, False), now=NOW)
        except LastAdmin:
            return False
        return True

    assert sum(at_once(step_back, admins)) == len(admins) - 1
    assert User.objects.filter(is_admin=True, is_active=True).count() == 1


def test_two_kpis_made_the_main_one_at_once_leave_one_main(cast: Cast) -> None:
    kpis = [make_kpi(cast.checkout, f"kpi-{number}") for number in range(AT_ONCE)]

    def make_main(kpi: Kpi) -> None:
        facts = {column: getattr(kpi, column) for column in KPI_COLUMNS}
        change_kpi(kpi=kpi, facts=KpiFacts(**{**facts, "is_main": True}), now=NOW)

    at_once(make_main, kpis)
    assert Kpi.objects.filter(product=cast.checkout, is_main=True).count() == 1


def facts_of(product: Product, **changed: object) -> ProductFacts:
    """What stands, but for ``changed``."""
    return ProductFacts(**{**{column: getattr(product, column) for column in PRODUCT_COLUMNS}, **changed})


def released(product: Product, version: str) -> Release:
    """Take in a plain 'released' event, with the product as the caller knows it."""
    event = NewReleaseEvent("ci", f"{product.slug}-{version}", product, version, "released", NOW - timedelta(hours=1))
    return ingest_release_event(event=event, now=NOW).release


def move_the_clock(cast: Cast) -> None:
    """From now on a released version of Checkout is live at once."""
    facts = facts_of(Product.objects.get(pk=cast.checkout.pk), released_is_live=True)
    change_product(product=cast.checkout, facts=facts, now=NOW)


def test_the_clock_moves_behind_the_events_under_way(cast: Cast) -> None:
    with transaction.atomic():
        release = released(cast.checkout, "1.0")
        other = Elsewhere("clock", lambda: move_the_clock(cast)).waits()
    other.done()
    release.refresh_from_db()
    assert (release.state, Exposure.objects.get().release) == ("live", release)


@pytest.mark.parametrize("version", ["1.0", "2.0"], ids=["a release that is there", "a new release"])
def test_an_event_that_met_a_moving_clock_is_folded_by_the_new_one(cast: Cast, version: str) -> None:
    stale = Product.objects.get(pk=cast.checkout.pk)
    released(cast.switchyard, "1.0")
    planned = NewReleaseEvent("ci", "plan", stale, "1.0", "planned", NOW - timedelta(hours=2))
    ingest_release_event(event=planned, now=NOW)
    with transaction.atomic():
        move_the_clock(cast)
        event = Elsewhere("event", lambda: released(stale, version)).waits()
    assert event.done().state == "live"
    assert Release.objects.get(product=stale, version=version).state == "live"


def test_events_and_changes_of_the_clock_never_wait_in_a_circle(cast: Cast) -> None:
    """Whoever wins, every release says in the end what its journal says now."""

    def work(number: int) -> None:
        if number % 4 == 0:
            environment = "production" if number % 8 == 0 else "live"
            facts = facts_of(cast.checkout, released_is_live=True, production_environment=environment)
            change_product(product=cast.checkout, facts=facts, now=NOW)
            return
        stale = Product.objects.get(pk=cast.checkout.pk)
        for version in (f"1.{number}", "shared"):
            event = NewReleaseEvent("ci", f"{number}-{version}", stale, version, "released", NOW)
            ingest_release_event(event=event, now=NOW)

    at_once(work, list(range(16)))
    told = state(cast.checkout)
    refold_releases(product=Product.objects.get(pk=cast.checkout.pk))
    assert state(cast.checkout) == told


def state(product: Product) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Releases and exposures as they are stored."""
    releases = Release.objects.filter(product=product).order_by("version").values_list("version", "state", "live_at")
    exposures = Exposure.objects.order_by("release__version", "exposed_at").values_list(
        "release__version", "exposed_at"
    )
    return list(releases), list(exposures)


def test_a_product_that_two_change_at_once_keeps_one_change_whole(cast: Cast) -> None:
    windows = browsers(cast.emil)
    form = windows[0].get("/settings/products/checkout/facts/").context["form"]
    given = {bound.name: bound.value() for bound in form if bound.value()}

    def rename(pair: tuple[Client, int]) -> int:
        window, number = pair
        typed = {**given, "name": f"Name {number}", "audience": f"Audience {number}"}
        return window.post("/settings/products/checkout/facts/", typed).status_code

    assert sorted(at_once(rename, list(zip(windows, range(AT_ONCE), strict=True)))) == [303] + [409] * (AT_ONCE - 1)
    stands = Product.objects.get(pk=cast.checkout.pk)
    assert stands.audience == stands.name.replace("Name", "Audience")
