"""Whatever a page shows, its tag changes when that changes: facts, names, roles, definitions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from feedback.models import Account, Feedback, Voice
from metrics.models import Kpi, KpiDefinition, Trouble
from metrics.services.rollups import refresh
from metrics.services.usage import NewUsage, push_usage
from products.models import Ally, Product, Release, User
from tests.conftest import Cast
from tests.factories import assign, join, make_kpi, make_product, own, since
from tests.metrics.keeping import PAGES, day, furnish, get, hear, push, signed_in, tag_of
from tests.metrics.test_dashboards import ship

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(cast: Cast) -> Cast:
    return furnish(cast)


CHANGES: dict[str, Callable[[Cast], object]] = {
    "a reading": push,
    "a drain": lambda cast: (push(cast), refresh(now=datetime.now(UTC))),
    "a release": lambda cast: ship(cast.checkout, "Two", datetime.now(UTC), datetime.now(UTC)),
    "a rollback": lambda cast: ship(
        cast.checkout, "Split payment", datetime.now(UTC), datetime.now(UTC), kind="rolled_back"
    ),
    "a release's name": lambda cast: Release.objects.update(name="Renamed"),
    "feedback": lambda cast: hear(cast, "second"),
    "a voice": lambda cast: Voice.objects.create(feedback=Feedback.objects.get(), colleague=cast.otto),
    "a deleted entry": lambda cast: Feedback.objects.all().delete(),
    "a figure": lambda cast: connection.cursor().execute("UPDATE metrics_rollup SET n = n + 1"),
    "a bucket in trouble": lambda cast: Trouble.objects.create(
        product=cast.checkout, week=day(9), stale_since=datetime.now(UTC), next_try_at=datetime.now(UTC)
    ),
    "a KPI's name": lambda cast: Kpi.objects.update(name="Renamed"),
    "a target": lambda cast: Kpi.objects.update(target=Decimal("0.5")),
    "a definition": lambda cast: KpiDefinition.objects.create(kpi=Kpi.objects.get(), holds_from=day(5), wording="New"),
    "a new KPI": lambda cast: make_kpi(cast.checkout, "another"),
    "a product's name": lambda cast: Product.objects.filter(slug="checkout").update(name="Till"),
    "an owner": lambda cast: cast.checkout.ownerships.update(team=cast.platform),
    "a PM": lambda cast: assign(cast.otto, cast.checkout, "co_owner"),
    "a role": lambda cast: join(cast.otto, cast.booking, "pm"),
    "an ally": lambda cast: Ally.objects.create(
        product=cast.checkout, user=cast.otto, function="legal", period=since()
    ),
    "a person's name": lambda cast: User.objects.filter(pk=cast.emil.pk).update(name="Emilia"),
    "a person who left": lambda cast: User.objects.filter(pk=cast.emil.pk).update(is_active=False),
    "a team's name": lambda cast: type(cast.booking).objects.filter(slug="booking").update(name="Reservations"),
    "an account": lambda cast: Account.objects.create(reference="brenner", name="Brenner"),
    "a new product": lambda cast: own(cast.booking, make_product("new", "E")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_a_page_is_never_stale(world: Cast, name: str) -> None:
    client = signed_in(world.lena)
    tags = {address: tag_of(client, address) for address in PAGES}
    CHANGES[name](world)
    for address, tag in tags.items():
        answer = get(client, address, tag)
        assert (answer.status_code, answer.headers["ETag"] != tag) == (200, True), address


def test_usage_changes_the_pages_of_its_product_and_leaves_others_alone(world: Cast) -> None:
    client = signed_in(world.lena)
    mine, other = tag_of(client, "/products/switchyard/"), tag_of(client, "/products/checkout/")
    monday = day(14) - timedelta(days=day(14).weekday())
    push_usage(rows=[NewUsage(world.switchyard, world.booking, monday, 3, 9)], source="logs", now=datetime.now(UTC))
    assert get(client, "/products/switchyard/", mine).status_code == 200
    assert get(client, "/products/checkout/", other).status_code == 304
