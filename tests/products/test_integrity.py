"""What the database itself refuses on the products floor, whoever writes."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from products.models import Ally, ApiToken, Assignment, Exposure, Membership, Product, ProductTeam, Release, User
from tests.conftest import Cast
from tests.factories import LONG_AGO, NOW, make_product, make_user, since

JULY = DateRange(date(2026, 7, 1), date(2026, 8, 1), "[)")


def refused(name: str) -> pytest.RaisesExc[IntegrityError]:
    """Expect the database to refuse, naming the constraint."""
    return pytest.raises(IntegrityError, match=name)


def test_the_type_of_a_product_never_changes(cast: Cast) -> None:
    with refused("never changes"), transaction.atomic():
        Product.objects.filter(pk=cast.switchyard.pk).update(type="E")


def test_other_facts_of_a_product_may_change(cast: Cast) -> None:
    Product.objects.filter(pk=cast.switchyard.pk).update(name="Switchyard 2", type="I")
    cast.switchyard.refresh_from_db()
    assert (cast.switchyard.name, cast.switchyard.type) == ("Switchyard 2", "I")


def test_a_product_is_of_type_i_or_e(cast: Cast) -> None:
    with refused("products_product_type_is_known"), transaction.atomic():
        make_product("odd", "X")


def test_a_product_does_not_continue_itself(cast: Cast) -> None:
    with refused("products_product_does_not_continue_itself"), transaction.atomic():
        Product.objects.filter(pk=cast.checkout.pk).update(continues=cast.checkout.pk)


def test_a_mail_address_belongs_to_one_person_in_whatever_case(cast: Cast) -> None:
    with refused("products_user_one_per_address"), transaction.atomic():
        User.objects.create(email="PAULA@example.com", name="Another Paula")


def test_a_person_has_one_role_in_a_team_at_a_time(cast: Cast) -> None:
    with refused("products_membership_one_role_at_a_time"), transaction.atomic():
        Membership.objects.create(user=cast.paula, team=cast.platform, role="lead", period=JULY)


def test_roles_one_after_the_other_are_fine(cast: Cast) -> None:
    Membership.objects.filter(user=cast.paula).update(period=DateRange(LONG_AGO, date(2026, 7, 1), "[)"))
    Membership.objects.create(user=cast.paula, team=cast.platform, role="lead", period=JULY)
    assert Membership.objects.filter(user=cast.paula, team=cast.platform).count() == 2


def test_a_product_belongs_to_one_team_at_a_time(cast: Cast) -> None:
    with refused("products_productteam_one_owner_at_a_time"), transaction.atomic():
        ProductTeam.objects.create(team=cast.finance, product=cast.checkout, period=JULY)


def test_a_product_has_one_owner_at_a_time_but_any_number_of_co_owners(cast: Cast) -> None:
    for name in ("Cora", "Carl"):
        Assignment.objects.create(user=make_user(name), product=cast.checkout, role="co_owner", period=since())
    with refused("products_assignment_one_owner_at_a_time"), transaction.atomic():
        Assignment.objects.create(user=cast.paula, product=cast.checkout, role="owner", period=JULY)


def test_a_release_exists_once_for_a_version_in_an_environment(cast: Cast) -> None:
    facts = {"product": cast.checkout, "environment": "production", "version": "1.0", "state": "planned"}
    Release.objects.create(**facts)
    with refused("products_release_one_per_version"), transaction.atomic():
        Release.objects.create(**facts)


def test_a_live_release_has_a_clock(cast: Cast) -> None:
    with refused("products_release_live_has_a_clock"), transaction.atomic():
        Release.objects.create(product=cast.checkout, environment="production", version="1.0", state="live")


def test_an_exposure_ends_after_it_starts(cast: Cast) -> None:
    release = Release.objects.create(product=cast.checkout, environment="production", version="1", state="planned")
    with refused("products_exposure_ends_after_it_starts"), transaction.atomic():
        Exposure.objects.create(release=release, exposed_at=NOW, rolled_back_at=NOW - timedelta(hours=1))


def token_fields(cast: Cast) -> dict[str, object]:
    """A token's columns that pass every check, but for its reach."""
    return {
        "name": "CI",
        "kind": "ci",
        "digest": "d" * 64,
        "prefix": "pmt_ci_ab",
        "last_four": "wxyz",
        "scopes": ["read"],
        "created_by": cast.emil,
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=90),
    }


def test_a_token_reaches_one_product_or_one_team_never_both_or_none(cast: Cast) -> None:
    for reach in ({}, {"product": cast.checkout, "team": cast.booking}):
        with refused("reaches_one_product_or_one_team"), transaction.atomic():
            ApiToken.objects.create(**token_fields(cast), **reach)


def test_a_token_has_known_scopes_and_at_least_one(cast: Cast) -> None:
    for scopes in ([], ["everything"]):
        with refused("products_apitoken_scopes_are_known"), transaction.atomic():
            ApiToken.objects.create(**{**token_fields(cast), "scopes": scopes}, product=cast.checkout)


NOTHING = DateRange(date(2026, 7, 1), date(2026, 7, 1), "[)")
NO_START = DateRange(None, date(2026, 7, 1), "[)")


@pytest.mark.parametrize("period", [NOTHING, NO_START], ids=["no day at all", "no first day"])
@pytest.mark.parametrize("table", [Membership, ProductTeam, Assignment, Ally])
def test_a_period_has_a_first_day_and_holds_on_it(cast: Cast, table: type[Membership], period: DateRange) -> None:
    rows = {
        Membership: {"user": cast.otto, "team": cast.platform, "role": "pm"},
        ProductTeam: {"product": make_product("new"), "team": cast.platform},
        Assignment: {"user": cast.otto, "product": cast.checkout, "role": "covering"},
        Ally: {"user": cast.otto, "product": cast.checkout, "function": "legal"},
    }
    with refused(f"{table._meta.db_table}_period_is_never_empty"), transaction.atomic():
        table.objects.create(**rows[table], period=period)
