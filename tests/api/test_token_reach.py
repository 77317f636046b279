"""The written-out reach of a token says what the querysets say, for the whole cast and for every turn of a role."""

import itertools
from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from products.access import token_products, token_reach
from products.models import ApiToken, Assignment, Membership, Product, ProductTeam, Team, User
from products.queries.token_secrets import token_with
from products.services.tokens import digest
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import LONG_AGO, NOW, assign, join, make_product, make_token, own

TODAY = NOW.date()
EVENT = {"source": "ci", "event_id": "1", "version": "1", "kind": "exposed", "occurred_at": "2026-06-01T09:30:00Z"}


def ended(day: date) -> DateRange:
    return DateRange(LONG_AGO, day, "[)")


def every_token() -> list[ApiToken]:
    """A token by everybody for every product and team; rows are written past the service, which would refuse most."""
    reaches = [{"product": one} for one in Product.objects.all()] + [{"team": one} for one in Team.objects.all()]
    pairs = itertools.product(User.objects.all(), reaches)
    return [
        ApiToken.objects.create(
            name=str(number), kind="ci", digest=str(number), prefix="", last_four="", scopes=["read"], created_by=user,
            created_at=NOW, expires_at=NOW + timedelta(days=1), **reach,
        )
        for number, (user, reach) in enumerate(pairs)
    ]  # fmt: skip


def test_the_statement_and_the_querysets_agree_for_everybody_everywhere_on_every_day(cast: Cast) -> None:
    make_product("nobodys", "E")
    own(cast.finance, make_product("ledger", "I"))
    join(cast.otto, cast.booking, "member")
    assign(cast.otto, cast.switchyard, "covering")
    Membership.objects.filter(user=cast.lena, team=cast.booking).update(period=ended(TODAY))
    Assignment.objects.filter(user=cast.paula).update(period=ended(TODAY + timedelta(days=1)))
    ProductTeam.objects.filter(product=cast.switchyard).update(period=ended(TODAY + timedelta(days=2)))
    own(cast.finance, cast.switchyard, start=TODAY + timedelta(days=2))
    User.objects.filter(pk=cast.emil.pk).update(is_active=False)
    slugs = list(Product.objects.values_list("slug", flat=True))
    held = 0
    for token in every_token():
        for day in (TODAY + timedelta(days=shift) for shift in (-1, 0, 1, 2)):
            reached = token_reach(token, slugs, day=day)
            assert reached.keys() == set(slugs)
            mine = {slug for slug, reach in reached.items() if reach.named and reach.held}
            assert mine == {product.slug for product in token_products(token, day=day)}, (token.created_by, day)
            held += bool(mine)
    assert held > 20, "a comparison of nothing with nothing proves nothing"


def test_a_token_found_by_its_digest_is_the_whole_token(cast: Cast) -> None:
    for user, reach in ((cast.emil, {"product": cast.checkout}), (cast.admin, {"team": cast.booking})):
        secret = make_token(user, **reach)
        found, stored = token_with(digest(secret)), ApiToken.objects.get(digest=digest(secret))
        assert found is not None
        for field in ApiToken._meta.concrete_fields:
            assert getattr(found, field.attname) == getattr(stored, field.attname), field.name
        for field in User._meta.concrete_fields:
            assert getattr(found.created_by, field.attname) == getattr(user, field.attname), field.name
    assert token_with("nothing") is None


@pytest.mark.parametrize("reach", ["product", "team"])
def test_a_token_whose_maker_lost_the_role_writes_nothing_and_says_why(cast: Cast, reach: str) -> None:
    api = Api(make_token(cast.emil, **{reach: getattr(cast, "checkout" if reach == "product" else "booking")}))
    assert api.post("release-events", {**EVENT, "product": "checkout"}).status_code == 201
    Assignment.objects.filter(user=cast.emil).update(period=ended(TODAY))
    Membership.objects.filter(user=cast.emil).update(period=ended(TODAY))
    answer = api.post("release-events", {**EVENT, "product": "checkout"})
    assert (answer.status_code, answer.json()["title"]) == (403, "Maker lost role")
    assert "Have its PM or lead make a new one" in answer.json()["detail"]
    elsewhere = api.post("release-events", {**EVENT, "product": "switchyard"})
    assert (elsewhere.status_code, elsewhere.json()["title"]) == (403, "Out of reach")
