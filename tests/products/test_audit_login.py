"""The programs' own login to PostgreSQL: all of pmtrack's work, and nothing that could unwrite the audit."""

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from psycopg2 import errors, extensions

from feedback.services.feedback import log_feedback
from metrics.services.rebuild import check, rebuild
from metrics.services.rollups import refresh
from pmtrack.stack import grants
from products.models import AuditEntry
from products.services.audit import TooYoung, purge_audit, record_sign_in
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import NOW, make_kpi, make_token
from tests.metrics.test_dashboards import ship

pytestmark = pytest.mark.django_db(transaction=True)
LOGIN = f"pmtrack_test_app_{os.getpid()}"
PASSWORD = secrets.token_urlsafe(24)
FORBIDDEN = [
    "UPDATE products_auditentry SET label = 'x'",
    "DELETE FROM products_auditentry",
    "TRUNCATE products_auditentry",
    "DROP TRIGGER products_audit_keep ON products_auditentry",
    "ALTER TABLE products_auditentry DISABLE TRIGGER products_audit_keep",
    "ALTER TABLE products_auditentry DROP COLUMN actor_id",
    "DROP TABLE products_auditentry",
    "DROP TRIGGER products_audit_update ON products_membership",
    "ALTER TABLE products_membership DISABLE TRIGGER USER",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION products_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TABLE mine (id int)",
    "TRUNCATE metrics_rollup",
    "DELETE FROM django_migrations",
    f"ALTER ROLE {LOGIN} SUPERUSER",
]


@pytest.fixture
def login(transactional_db: None) -> Iterator[str]:
    """The application's login to the tests' database, as `prepare` makes it; gone afterwards."""
    with connection.cursor() as cursor:
        grants.let_in(cursor, login=LOGIN, password=PASSWORD)
    yield LOGIN
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {LOGIN}; DROP ROLE {LOGIN}")


@pytest.fixture
def theirs(login: str) -> Iterator[extensions.connection]:
    """A bare connection of that login."""
    given = connection.settings_dict
    bare = psycopg2.connect(host=given["HOST"], port=given["PORT"], user=login, password=PASSWORD, dbname=given["NAME"])
    bare.autocommit = True
    yield bare
    bare.close()


@pytest.fixture
def as_application(login: str, cast: Cast) -> Iterator[Cast]:
    """All of Django works with that login."""
    settings = connection.settings_dict
    before = settings["USER"], settings["PASSWORD"]
    connection.close()
    settings["USER"], settings["PASSWORD"] = login, PASSWORD
    yield cast
    connection.close()
    settings["USER"], settings["PASSWORD"] = before


@pytest.mark.parametrize("statement", FORBIDDEN, ids=lambda statement: statement.replace(LOGIN, "the login"))
def test_the_login_is_refused(theirs: extensions.connection, cast: Cast, statement: str) -> None:
    with theirs.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM products_auditentry")
        assert cursor.fetchone() != (0,)
        with pytest.raises(errors.InsufficientPrivilege):
            cursor.execute(statement)


def test_a_temporary_table_of_the_same_name_catches_no_entry(theirs: extensions.connection, cast: Cast) -> None:
    with theirs.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE products_auditentry (LIKE public.products_auditentry)")
        cursor.execute("UPDATE products_user SET is_admin = true WHERE id = %s", [cast.otto.pk])
    assert AuditEntry.objects.latest("pk").details == {"is_admin": [False, True]}


def test_all_work_is_done_with_the_login(as_application: Cast, client: Client) -> None:
    cast = as_application
    make_kpi(cast.checkout, "orders")
    api = Api(make_token(cast.emil, product=cast.checkout))
    rows = [{"day": f"2026-01-{day:02}", "value": day} for day in range(1, 29)]
    assert api.post("kpis/orders/readings:batch", {"source": "ci", "readings": rows}).status_code == 200
    ship(cast.checkout, "Release 1", NOW, NOW)
    log_feedback(
        text="Slow", product=cast.checkout, channel="call", logged_by=cast.emil, received_at=NOW, source="test",
        source_id="1", now=NOW,
    )  # fmt: skip
    refresh(now=NOW)
    rebuild(now=NOW)
    assert check() == []
    client.force_login(cast.admin)
    changed = {"name": "Checkout", "slug": "checkout", "type": "E", "time_zone": "Europe/Amsterdam"}
    more = {"currency": "EUR", "production_environment": "production"}
    assert (
        client.post(f"/admin/products/product/{cast.checkout.pk}/change/", changed | more, secure=True).status_code
        == 302
    )
    refresh(now=NOW)
    assert check() == []
    record_sign_in(user=cast.emil, request_id="", now=NOW)
    for page in ("/impact/", "/products/checkout/", "/settings/audit/", "/settings/about-me/", "/readyz"):
        assert client.get(page, secure=True).status_code == 200, page


def test_only_the_owner_purges_and_says_so(as_application: Cast, cast: Cast) -> None:
    with pytest.raises(CommandError, match="the login that owns the tables"):
        call_command("purge_audit", "--before", "2020-01-01")


def test_purging_takes_what_is_past_its_time_and_leaves_a_line(cast: Cast) -> None:
    now = datetime.now(UTC)
    for year in (2019, 2020):
        record_sign_in(user=cast.emil, request_id="", now=datetime(year, 5, 1, tzinfo=UTC))
    kept = AuditEntry.objects.filter(at__year__gte=2020).count()
    assert purge_audit(before=datetime(2020, 1, 1, tzinfo=UTC), now=now) == 1
    assert AuditEntry.objects.count() == kept + 1
    assert AuditEntry.objects.latest("pk").details["entries"] == 1
    with pytest.raises(TooYoung, match="kept for a year"):
        purge_audit(before=now, now=now)
    with connection.cursor() as cursor, pytest.raises(Exception, match="only grows"):
        cursor.execute("DELETE FROM products_auditentry")


def test_granting_again_changes_nothing_and_takes_back_what_was_given(
    login: str, theirs: extensions.connection
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE, DELETE ON products_auditentry TO {login}")
        grants.let_in(cursor, login=login, password="another")
    with theirs.cursor() as cursor, pytest.raises(errors.InsufficientPrivilege):
        cursor.execute("DELETE FROM products_auditentry")


def test_an_owner_who_may_not_make_logins_says_what_to_ask_for(theirs: extensions.connection) -> None:
    with theirs.cursor() as cursor, pytest.raises(grants.CannotMakeLogin, match="CREATE ROLE"):
        grants.let_in(cursor, login="nobody_yet", password="x")


def test_with_one_login_for_everything_nothing_is_granted(db: None) -> None:
    user = connection.settings_dict["USER"]
    with connection.cursor() as cursor:
        grants.let_in(cursor, login=user, password="ignored")
        cursor.execute("SELECT has_table_privilege(%s, 'products_auditentry', 'UPDATE')", [user])
        assert cursor.fetchone() == (True,)
