"""Data versions: every commit gives one that never was before, and no writer waits for another."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from metrics.services.readings import NewReading, push_readings
from metrics.services.rollups import refresh
from products.models import Product, Team
from products.queries.versions import ALL_FACTS, NAMES_ONLY, Scope, product_scope, team_scope
from tests.conftest import Cast
from tests.factories import NOW, make_kpi, make_product, make_team, own
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = NOW.date()
RELEASE = """INSERT INTO products_release (product_id, environment, version, name, url, feature_keys, state)
    VALUES (%s, 'production', %s, '', '', '{}', 'planned')"""


@pytest.fixture
def others() -> Iterator[list[BaseDatabaseWrapper]]:
    """Three more connections, each in a transaction of its own until it commits; none waits for a lock."""
    made = [connections.create_connection("default") for _ in range(3)]
    for one in made:
        one.set_autocommit(False)
        with one.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        one.commit()
    yield made
    for one in made:
        one.close()


def plan(on: BaseDatabaseWrapper, product: Product, version: str) -> None:
    """Add a planned release, without commit."""
    with on.cursor() as cursor:
        cursor.execute(RELEASE, [product.pk, version])


def test_a_version_stays_until_something_is_committed(cast: Cast, others: list[BaseDatabaseWrapper]) -> None:
    scope = product_scope("checkout")
    before = scope.version(cast.otto, day=TODAY)
    assert scope.version(cast.otto, day=TODAY) == before
    plan(others[0], cast.checkout, "1")
    assert scope.version(cast.otto, day=TODAY) == before
    others[0].rollback()
    assert scope.version(cast.otto, day=TODAY) == before
    plan(others[0], cast.checkout, "1")
    others[0].commit()
    assert scope.version(cast.otto, day=TODAY) != before


def test_a_version_is_of_its_own_product_alone(cast: Cast) -> None:
    scopes = {
        "checkout": product_scope("checkout"),
        "switchyard": product_scope("switchyard"),
        "booking": team_scope(["booking"]),
        "platform": team_scope(["platform"]),
        "all": ALL_FACTS,
        "names": NAMES_ONLY,
    }
    before = {name: scope.version(cast.otto, day=TODAY) for name, scope in scopes.items()}
    plan(connection, cast.checkout, "1")
    changed = {name for name, scope in scopes.items() if scope.version(cast.otto, day=TODAY) != before[name]}
    assert changed == {"checkout", "booking", "all"}


def test_the_readers_own_teams_are_meant_where_none_is_named_and_everything_where_he_has_none(cast: Cast) -> None:
    users = {"emil": cast.emil, "paula": cast.paula, "lena": cast.lena, "admin": cast.admin, "otto": cast.otto}
    before = {name: team_scope([]).version(user, day=TODAY) for name, user in users.items()}
    plan(connection, cast.checkout, "1")
    changed = {name for name, user in users.items() if team_scope([]).version(user, day=TODAY) != before[name]}
    assert changed == {"emil", "lena", "admin"}


def test_a_release_stands_for_its_product(cast: Cast) -> None:
    plan(connection, cast.checkout, "1")
    scope = Scope(releases=(cast.checkout.releases.get().pk,))
    before = scope.version(cast.otto, day=TODAY)
    plan(connection, cast.switchyard, "2")
    assert scope.version(cast.otto, day=TODAY) == before
    plan(connection, cast.checkout, "2")
    assert scope.version(cast.otto, day=TODAY) != before


def test_writers_of_different_products_and_of_the_same_do_not_wait_for_each_other(
    cast: Cast, others: list[BaseDatabaseWrapper]
) -> None:
    plan(connection, cast.checkout, "0")
    plan(others[0], cast.checkout, "1")
    plan(others[1], cast.switchyard, "1")
    plan(others[2], cast.checkout, "2")  # a lock would end this after 200 ms with an error
    others[2].commit()
    others[1].commit()
    others[0].commit()


@pytest.mark.parametrize("seed", range(6))
def test_no_version_ever_comes_back_whatever_the_order_of_commits(
    cast: Cast, others: list[BaseDatabaseWrapper], seed: int
) -> None:
    dice = random.Random(seed)
    scope = product_scope("checkout")
    seen = [scope.version(cast.otto, day=TODAY)]
    written: set[int] = set()
    for step in range(150):
        which = dice.randrange(3)
        match dice.choice(["write", "write", "commit", "roll back"]):
            case "write":
                plan(others[which], cast.checkout, f"{seed}-{step}")
                written.add(which)
                continue
            case "commit":
                others[which].commit()
                assert (scope.version(cast.otto, day=TODAY) != seen[-1]) is (which in written)
            case "roll back":
                others[which].rollback()
                assert scope.version(cast.otto, day=TODAY) == seen[-1]
        written.discard(which)
        if (version := scope.version(cast.otto, day=TODAY)) != seen[-1]:
            assert version not in seen
            seen.append(version)
    assert len(seen) > 10


def test_the_rows_behind_a_version_do_not_pile_up(cast: Cast) -> None:
    for number in range(50):
        plan(connection, cast.checkout, str(number))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM products_touch WHERE scope IN (0, %s)", [cast.checkout.pk])
        assert cursor.fetchone() == (2,)


def test_pushes_at_once_and_drains_at_once_end_well(cast: Cast) -> None:
    kpis = [make_kpi(make_product(f"made-{number}", "E"), f"kpi-{number}") for number in range(8)]
    for kpi in kpis:
        push_readings(kpi=kpi, source="erp", readings=[NewReading(date(2026, 1, 5), Decimal(1))], now=NOW)

    def push(turn: int) -> None:
        for number in range(8):
            kpi = kpis[number if turn % 2 else 7 - number]
            day = date(2026, 1, 6 + turn)
            push_readings(kpi=kpi, source="erp", readings=[NewReading(day, Decimal(turn))], now=NOW)
            refresh(now=NOW)

    at_once(push, list(range(6)))
    refresh(now=NOW)


def test_a_savepoint_that_is_rolled_back_takes_its_touch_with_it(cast: Cast) -> None:
    scope = product_scope("checkout")
    before = scope.version(cast.otto, day=TODAY)
    with transaction.atomic():
        inner = transaction.savepoint()
        plan(connection, cast.checkout, "1")
        transaction.savepoint_rollback(inner)
        plan(connection, cast.switchyard, "1")
    assert scope.version(cast.otto, day=TODAY) == before


def test_emptying_a_table_changes_every_version(cast: Cast) -> None:
    scopes = [product_scope("checkout"), NAMES_ONLY, team_scope(["platform"])]
    before = [scope.version(cast.otto, day=TODAY) for scope in scopes]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE metrics_rollup")
    assert all(scope.version(cast.otto, day=TODAY) != version for scope, version in zip(scopes, before, strict=True))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("a sign-in", lambda cast: type(cast.otto).objects.filter(pk=cast.otto.pk).update(last_login=NOW)),
        ("nothing", lambda cast: Team.objects.filter(slug="nobody").update(name="Somebody")),
        ("the same", lambda cast: type(cast.otto).objects.filter(pk=cast.otto.pk).update(name="Otto")),
    ],
)
def test_what_nobody_sees_changes_no_version(cast: Cast, name: str, change: Callable[[Cast], object]) -> None:
    before = NAMES_ONLY.version(cast.emil, day=TODAY)
    change(cast)
    assert NAMES_ONLY.version(cast.emil, day=TODAY) == before


def test_a_version_is_looked_up_by_indexes(cast: Cast) -> None:
    for number in range(40):
        own(make_team(f"team-{number}"), make_product(f"made-{number}"))
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        try:
            from_table = "EXPLAIN SELECT FROM products_touch WHERE scope = ANY (ARRAY(SELECT 5::bigint))"
            cursor.execute(from_table)
            assert "products_touch_pkey" in "\n".join(row[0] for row in cursor.fetchall())
        finally:
            cursor.execute("RESET enable_seqscan")
