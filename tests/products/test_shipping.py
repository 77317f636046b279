"""Planning, going live and rolling back from the browser: events in the same journal, each wrong order told in words."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from products.models import Product, Release, ReleaseEvent, SignOff, User
from products.services.releases import NewReleaseEvent, ingest_release_event
from products.services.shipping import NotThere, SignOffMissing, mark_live, roll_back
from products.services.signoff_rules import set_rule
from products.services.signoffs import waive_sign_off
from tests.conftest import Cast
from tests.factories import NOW, make_feature, make_release

FORM = "a" * 32


@pytest.fixture
def as_() -> Callable[[User], Client]:
    """A browser in which somebody is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


def plan(client: Client, **changed: str) -> str:
    """Plan 7.0 of Switchyard; the page that follows, or its errors."""
    told = {"product": "switchyard", "version": "7.0", "name": "Night plans", "form": FORM, **changed}
    return client.post("/releases/new/", told, follow=True, secure=True).content.decode()


def test_a_pm_without_a_pipeline_plans_goes_live_and_rolls_back(cast: Cast, as_: Callable[[User], Client]) -> None:
    paula, feature = as_(cast.paula), make_feature(cast.paula, cast.switchyard)
    assert "is planned." in plan(paula, planned_for="2099-01-05", features=feature.key.lower())
    row = Release.objects.get()
    assert (row.name, row.feature_keys, row.state) == ("Night plans", [feature.key], "planned")
    here = f"/releases/{row.key}/"
    assert "Mark it live" in paula.get(here, secure=True).content.decode()
    assert paula.post(f"{here}live/", secure=True).status_code == 303
    row.refresh_from_db()
    assert (row.state, row.exposures.count()) == ("live", 1)
    back = paula.post(f"{here}roll-back/", {"note": "Froze on phones."}, secure=True)
    row.refresh_from_db()
    assert (back.status_code, row.state) == (303, "rolled_back")
    assert row.events.latest("pk").payload["note"] == "Froze on phones."
    assert "rolled back" in paula.get(here, secure=True).content.decode()
    assert paula.post(f"{here}live/", secure=True).status_code == 303
    row.refresh_from_db()
    assert (row.state, row.exposures.count()) == ("live", 2)


def test_the_same_form_sent_twice_plans_once_and_another_version_is_asked_for(
    cast: Cast, as_: Callable[[User], Client]
) -> None:
    paula = as_(cast.paula)
    plan(paula)
    assert "is planned." in plan(paula)
    assert (Release.objects.count(), ReleaseEvent.objects.count()) == (1, 1)
    assert "has a release 7.0 already" in plan(paula, form="b" * 32)
    assert "has no feature W-999" in plan(paula, version="8.0", features="W-999")
    assert Release.objects.count() == 1


def test_going_live_twice_and_rolling_back_too_early_are_told(cast: Cast) -> None:
    row = make_planned(cast.switchyard)
    with pytest.raises(NotThere, match="nothing to roll back"):
        roll_back(release=row, by=cast.paula, now=NOW)
    mark_live(release=row, by=cast.paula, now=NOW)
    with pytest.raises(NotThere, match="live since 15 Jun 2026"):
        mark_live(release=row, by=cast.paula, now=NOW)
    roll_back(release=row, by=cast.paula, now=NOW)
    with pytest.raises(NotThere, match="rolled back"):
        roll_back(release=row, by=cast.paula, now=NOW)
    with pytest.raises(NotThere, match="users have only what is in production"):
        mark_live(release=make_release(cast.switchyard, "9", environment="test"), by=cast.paula, now=NOW)


def test_a_release_for_customers_waits_for_its_sign_offs_unless_waived(
    cast: Cast, as_: Callable[[User], Client]
) -> None:
    now = datetime.now(UTC)
    set_rule(product=None, function="legal", due_days=5, by=cast.admin, now=now)
    row = make_planned(cast.checkout)
    refused = as_(cast.emil).post(f"/releases/{row.key}/live/", secure=True)
    assert refused.status_code == 422
    assert "waits for the sign-off of legal" in refused.content.decode()
    with pytest.raises(SignOffMissing):
        mark_live(release=row, by=cast.emil, now=now)
    waive_sign_off(sign_off=SignOff.objects.get(), reason="Text only.", by=cast.lena, now=now)
    assert mark_live(release=row, by=cast.emil, now=now).state == "live"
    assert "Text only." in as_(cast.otto).get(f"/releases/{row.key}/", secure=True).content.decode()


def test_what_ci_says_is_never_refused_and_the_page_says_what_was_missing(
    cast: Cast, as_: Callable[[User], Client]
) -> None:
    now = datetime.now(UTC)
    set_rule(product=None, function="legal", due_days=5, by=cast.admin, now=now)
    row = ingest_release_event(event=NewReleaseEvent("ci", "1", cast.checkout, "3", "exposed", now), now=now).release
    page = as_(cast.otto).get(f"/releases/{row.key}/", secure=True).content.decode()
    assert (row.state, "Went live without legal’s sign-off" in page) == ("live", True)


def test_stages_are_said_by_day_and_taken_back(cast: Cast, as_: Callable[[User], Client]) -> None:
    row, emil = make_planned(cast.checkout), as_(cast.emil)
    for day, percent in (("2026-01-05", "10"), ("2099-01-05", "100"), ("2099-02-05", "50"), ("2099-02-05", "")):
        assert (
            emil.post(f"/releases/{row.key}/stages/", {"day": day, "percent": percent}, secure=True).status_code == 303
        )
    page = emil.get(f"/releases/{row.key}/", secure=True).content.decode()
    assert "In two stages, 10 % today" in page or "In 2 stages, 10 % today" in page
    assert list(row.stages.order_by("day").values_list("percent", flat=True)) == [10, 100]
    wrong = emil.post(f"/releases/{row.key}/stages/", {"day": "2099-02-05", "percent": "120"}, secure=True)
    assert (wrong.status_code, "0 to 100" in wrong.content.decode()) == (422, True)


def make_planned(product: Product) -> Release:
    """A release that an event planned."""
    event = NewReleaseEvent("ci", f"plan-{product.slug}", product, "1.0", "planned", NOW)
    return ingest_release_event(event=event, now=NOW).release
