"""Products, ownerships and assignments through the services: a transfer never rewrites history."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from products.models import Assignment, ProductTeam
from products.services.people import add_person, add_team
from products.services.products import (
    AllyOverlaps,
    AssignmentOverlaps,
    BadCurrency,
    NotAssigned,
    OwnershipOverlaps,
    ProductExists,
    UnknownTimeZone,
    add_ally,
    add_product,
    assign_pm,
    end_assignment,
    give_product,
)
from tests.conftest import Cast

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(("type", "starts_the_clock"), [("I", True), ("E", False)])
def test_a_plain_release_is_live_for_internal_products_only(type: str, starts_the_clock: bool) -> None:
    product = add_product(slug="one", name="One", type=type, audience="everybody")
    assert product.released_is_live is starts_the_clock


def test_a_slug_a_zone_and_a_currency_are_refused_in_words(cast: Cast) -> None:
    with pytest.raises(ProductExists, match="'checkout' already"):
        add_product(slug="checkout", name="Checkout", type="E", audience="")
    with pytest.raises(UnknownTimeZone, match="'Europe/Atlantis' is no IANA time zone"):
        add_product(slug="two", name="Two", type="E", audience="", time_zone="Europe/Atlantis")
    with pytest.raises(BadCurrency, match="'eur' is no currency code"):
        add_product(slug="two", name="Two", type="E", audience="", currency="eur")


def test_a_transfer_ends_the_earlier_ownership_and_keeps_it(cast: Cast) -> None:
    give_product(product=cast.switchyard, team=cast.finance, start=JUNE)
    spans = ProductTeam.objects.filter(product=cast.switchyard).order_by("period").select_related("team")
    assert [(row.team.slug, row.period.lower, row.period.upper) for row in spans] == [
        ("platform", date(2020, 1, 1), JUNE),
        ("finance", JUNE, None),
    ]


def test_giving_a_product_to_its_owner_changes_nothing(cast: Cast) -> None:
    give_product(product=cast.switchyard, team=cast.platform, start=JUNE)
    assert ProductTeam.objects.filter(product=cast.switchyard).count() == 1


def test_a_transfer_before_one_on_record_is_refused(cast: Cast) -> None:
    give_product(product=cast.switchyard, team=cast.finance, start=JULY)
    with pytest.raises(OwnershipOverlaps, match="Switchyard belongs to Finance since 2026-07-01"):
        give_product(product=cast.switchyard, team=cast.booking, start=JUNE)


def test_a_second_owner_is_refused_by_name(cast: Cast) -> None:
    with pytest.raises(AssignmentOverlaps, match=r"Paula owns Switchyard since 2020-01-01"):
        assign_pm(user=cast.emil, product=cast.switchyard, role="owner", start=JUNE)


def test_a_pm_who_moves_hands_over_and_takes_up(cast: Cast) -> None:
    end_assignment(user=cast.paula, product=cast.switchyard, end=JUNE)
    end_assignment(user=cast.emil, product=cast.checkout, end=JUNE)
    assign_pm(user=cast.paula, product=cast.checkout, role="owner", start=JUNE)
    held = Assignment.objects.filter(user=cast.paula).order_by("period").values_list("product__slug", flat=True)
    assert list(held) == ["switchyard", "checkout"]


def test_a_person_holds_one_role_for_a_product_at_a_time(cast: Cast) -> None:
    with pytest.raises(AssignmentOverlaps, match="Paula answers for Switchyard"):
        assign_pm(user=cast.paula, product=cast.switchyard, role="covering", start=JUNE)


def test_only_an_assignment_that_holds_can_be_ended(cast: Cast) -> None:
    with pytest.raises(NotAssigned, match="Otto did not answer for Checkout"):
        end_assignment(user=cast.otto, product=cast.checkout, end=JUNE)


def test_an_ally_is_named_once_for_a_function(cast: Cast) -> None:
    add_ally(product=cast.checkout, user=cast.otto, function="legal", start=JUNE)
    add_ally(product=cast.checkout, user=cast.otto, function="marketing", start=JUNE)
    with pytest.raises(AllyOverlaps, match="Otto does this for Checkout"):
        add_ally(product=cast.checkout, user=cast.otto, function="legal", start=JULY)


class TransfersKeepHistory(TestCase):
    """Whatever transfers are asked for in whatever order, accepted ones never change who owned a past day."""

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=8))
    def test_no_transfer_changes_a_day_before_it(self, asked: list[tuple[int, int]]) -> None:
        teams = [add_team(slug=f"team-{number}", name=f"Team {number}") for number in range(3)]
        product = add_product(slug="moving", name="Moving", type="I", audience="")
        owners: dict[date, str] = {}
        for number, offset in asked:
            start = date(2026, 3, 1 + offset)
            try:
                give_product(product=product, team=teams[number], start=start)
            except OwnershipOverlaps:
                assert self.owners(product.pk) == owners
                continue
            after = self.owners(product.pk)
            assert {day: slug for day, slug in after.items() if day < start} == {
                day: slug for day, slug in owners.items() if day < start
            }
            assert after[start] == teams[number].slug
            owners = after

    @staticmethod
    def owners(product: int) -> dict[date, str]:
        """Who owned the product on each of the days, asked of the table."""
        spans = list(ProductTeam.objects.filter(product=product).select_related("team"))
        days = [date(2026, 3, 1 + offset) for offset in range(31)]
        return {
            day: row.team.slug
            for day in days
            for row in spans
            if row.period.lower <= day and (row.period.upper is None or day < row.period.upper)
        }


@pytest.mark.django_db
def test_people_added_by_the_service_can_own_products_at_once() -> None:
    noor = add_person(email="noor@example.com", name="Noor")
    product = add_product(slug="one", name="One", type="E", audience="", time_zone="Europe/Amsterdam")
    assert assign_pm(user=noor, product=product, role="owner", start=JUNE).period.lower == JUNE
