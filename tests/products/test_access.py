"""Who may see and write what: every function of the access modules, for every member of the cast."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.backends.postgresql.psycopg_any import DateRange

from feedback import access as feedback_access
from feedback.models import Account, Feedback, Voice
from metrics import access as metrics_access
from products import access
from products.models import Ally, Membership
from tests.conftest import Cast
from tests.factories import LONG_AGO, NOW, make_kpi, since

TODAY = NOW.date()


def slugs(products: object) -> set[str]:
    """The slugs of a queryset."""
    return {row.slug for row in products}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("who", "writable"),
    [
        ("paula", {"switchyard"}),
        ("emil", {"checkout"}),
        ("lena", {"switchyard", "checkout"}),
        ("otto", set()),
        ("admin", {"switchyard", "checkout"}),
    ],
)
def test_people_write_to_their_own_products_only(cast: Cast, who: str, writable: set[str]) -> None:
    assert slugs(access.writable_products(getattr(cast, who), day=TODAY)) == writable


@pytest.mark.parametrize(
    ("who", "near"),
    [
        ("paula", {"switchyard"}),
        ("emil", {"checkout"}),
        ("lena", {"switchyard", "checkout"}),
        ("otto", set()),
        ("admin", set()),
    ],
)
def test_customer_data_is_for_the_products_team_and_never_for_admins(cast: Cast, who: str, near: set[str]) -> None:
    assert slugs(access.products_with_customer_data(getattr(cast, who), day=TODAY)) == near


def test_an_ally_sees_customer_data_of_that_product_but_may_not_write(cast: Cast) -> None:
    Ally.objects.create(user=cast.otto, product=cast.checkout, function="account_management", period=since())
    assert slugs(access.products_with_customer_data(cast.otto, day=TODAY)) == {"checkout"}
    assert slugs(access.writable_products(cast.otto, day=TODAY)) == set()


def test_admins_make_no_tokens_for_products(cast: Cast) -> None:
    assert slugs(access.manageable_products(cast.admin, day=TODAY)) == set()
    assert slugs(access.manageable_products(cast.emil, day=TODAY)) == {"checkout"}


def test_anyone_signed_in_reads_product_facts_and_nobody_else(cast: Cast) -> None:
    make_kpi(cast.checkout, "revenue")
    for user in (cast.paula, cast.otto, cast.admin):
        assert slugs(access.visible_products(user)) == {"switchyard", "checkout"}
        assert slugs(metrics_access.visible_kpis(user)) == {"revenue"}
        assert slugs(access.visible_teams(user)) == {"platform", "booking", "finance"}
    stranger = AnonymousUser()
    for rows in (
        access.visible_products(stranger),
        access.visible_releases(stranger),
        access.visible_teams(stranger),
        access.writable_products(stranger, day=TODAY),
        access.products_with_customer_data(stranger, day=TODAY),
        metrics_access.visible_kpis(stranger),
        metrics_access.visible_usage(stranger),
        metrics_access.visible_rollups(stranger),
        feedback_access.visible_feedback(stranger),
        feedback_access.visible_voices(stranger, day=TODAY),
        feedback_access.visible_accounts(stranger, day=TODAY),
    ):
        assert not rows.exists()


def test_someone_who_left_sees_and_writes_nothing(cast: Cast) -> None:
    cast.lena.is_active = False
    assert not access.visible_products(cast.lena).exists()
    assert not access.writable_products(cast.lena, day=TODAY).exists()
    assert not feedback_access.can_log(cast.lena)


def test_a_role_that_ended_gives_no_power_from_its_last_day_on(cast: Cast) -> None:
    Membership.objects.filter(user=cast.lena).update(period=DateRange(LONG_AGO, TODAY, "[)"))
    assert not access.writable_products(cast.lena, day=TODAY).exists()
    assert not access.leads(cast.lena, cast.booking, day=TODAY)
    assert access.leads(cast.lena, cast.booking, day=date(2026, 6, 14))


def test_a_pm_does_not_lead(cast: Cast) -> None:
    assert not access.leads(cast.emil, cast.booking, day=TODAY)


def spoken(cast: Cast) -> None:
    """One entry about Checkout with an account's voice and a colleague's."""
    entry = Feedback.objects.create(
        product=cast.checkout,
        text="The saved address offers the wrong depot.",
        received_at=NOW,
        recorded_at=NOW,
        channel="call",
        logged_by=cast.emil,
        source="test",
        source_id="1",
        fingerprint="f",
    )
    account = Account.objects.create(reference="brenner", name="Brenner Logistik")
    Voice.objects.create(feedback=entry, account=account, via=cast.emil)
    Voice.objects.create(feedback=entry, colleague=cast.paula)


@pytest.mark.parametrize(
    ("who", "voices", "accounts"),
    [("emil", 2, 1), ("lena", 2, 1), ("paula", 1, 0), ("otto", 1, 0), ("admin", 1, 0)],
)
def test_text_is_open_but_accounts_are_for_the_products_team(cast: Cast, who: str, voices: int, accounts: int) -> None:
    spoken(cast)
    user = getattr(cast, who)
    assert feedback_access.visible_feedback(user).count() == 1
    assert feedback_access.visible_voices(user, day=TODAY).count() == voices
    assert feedback_access.visible_accounts(user, day=TODAY).count() == accounts


def test_an_accounts_manager_sees_it_wherever_it_spoke(cast: Cast) -> None:
    spoken(cast)
    Account.objects.update(manager=cast.otto)
    assert feedback_access.visible_voices(cast.otto, day=TODAY).count() == 2
    assert feedback_access.visible_accounts(cast.otto, day=TODAY).count() == 1


def test_djangos_admin_offers_six_tables_to_admins_and_nothing_to_others(cast: Cast) -> None:
    for perm in ("products.view_user", "products.change_team", "products.add_membership", "metrics.change_kpi"):
        assert cast.admin.has_perm(perm)
        assert not cast.lena.has_perm(perm)
    for perm in ("feedback.view_feedback", "feedback.view_account", "products.view_apitoken", "metrics.view_reading"):
        assert not cast.admin.has_perm(perm)
