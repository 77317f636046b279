"""The fixed cast of every test: Paula, Emil, Lena, Otto and an admin."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate  # noqa: TID251 - only to take a receiver away
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from products.models import Product, Team, User
from tests.factories import NOW, assign, join, make_product, make_team, make_user, own


@dataclass(frozen=True, slots=True)
class Cast:
    """Paula is PM of an internal product, Emil of an external one, Lena leads both teams, Otto is an outsider."""

    paula: User
    emil: User
    lena: User
    otto: User
    admin: User
    platform: Team
    booking: Team
    finance: Team
    switchyard: Product
    checkout: Product


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The tests' database. Between tests with real commits Django empties every table, which the audit's guard refuses, and
    would write Django's permissions anew, which nothing here asks for: half the time of such a test."""
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products_auditentry DISABLE TRIGGER products_audit_keep_whole")


@pytest.fixture(scope="session", autouse=True)
def quick_start() -> Iterator[None]:
    """In the test's own process signing in is quick, and a new client does not look through all static files.

    Programs that a test starts keep the real settings.
    """
    with override_settings(PASSWORD_HASHERS=["tests.hashers.OneRound"], WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture
def now() -> datetime:
    """The clock of the tests: an argument, never read."""
    return NOW


def _people() -> dict[str, User]:
    cast = {name: make_user(name.capitalize()) for name in ("paula", "emil", "lena", "otto")}
    return {**cast, "admin": make_user("Ada Admin", email="ada@example.com", is_admin=True)}


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast with its teams and products, in place since 2020."""
    people = _people()
    teams = {slug: make_team(slug) for slug in ("platform", "booking", "finance")}
    products = {"switchyard": make_product("switchyard", "I"), "checkout": make_product("checkout", "E")}
    join(people["paula"], teams["platform"], "pm")
    join(people["emil"], teams["booking"], "pm")
    join(people["otto"], teams["finance"], "member")
    for slug in ("platform", "booking"):
        join(people["lena"], teams[slug], "lead")
    own(teams["platform"], products["switchyard"])
    own(teams["booking"], products["checkout"])
    assign(people["paula"], products["switchyard"])
    assign(people["emil"], products["checkout"])
    return Cast(**people, **teams, **products)


@pytest.fixture
def nothing_was_tried_yet() -> None:
    """Forget the sign-in's counts, which outlive a test: here, and in Valkey however slowly it answers."""
    cache.clear()
    server = redis.Redis.from_url(os.environ["REDIS_URL"])
    for name in server.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:*"):
        server.delete(name)
    server.close()
