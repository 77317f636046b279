"""What the audit holds after something happened, by whatever path it happened."""

import json
import logging
from datetime import date

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from metrics.services.kpis import define_kpi, redefine_kpi
from products.models import ApiToken, AuditDeed, AuditEntry, AuditTopic, Membership, Team, User
from products.services.people import join_team, leave_team
from products.services.tokens import revoke_token
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import NOW, make_token

PASSWORD = "a-long-enough-password"


def newest(**wanted: object) -> AuditEntry:
    return AuditEntry.objects.filter(**wanted).latest("pk")


def test_a_role_is_written_down_with_what_it_was_before(cast: Cast) -> None:
    join_team(user=cast.otto, team=cast.platform, role="pm", start=date(2026, 1, 5))
    added = newest()
    assert (added.topic, added.deed, added.label) == (AuditTopic.ROLE, AuditDeed.ADDED, "Platform")
    assert added.concerned == cast.otto
    assert added.details["role"] == [None, "pm"]
    leave_team(user=cast.otto, team=cast.platform, end=date(2026, 3, 1))
    ended = newest()
    assert (ended.deed, ended.subject, ended.subject_id) == ("changed", "products_membership", added.subject_id)
    assert ended.details == {"period": ["[2026-01-05,)", "[2026-01-05,2026-03-01)"]}


def test_no_path_round_the_services_is_unseen(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE products_user SET is_admin = true WHERE name IN ('Paula', 'Emil')")
    promoted = AuditEntry.objects.filter(subject="products_user", deed="changed")
    assert {entry.concerned for entry in promoted} == {cast.paula, cast.emil}
    assert all(entry.details == {"is_admin": [False, True]} for entry in promoted)
    Membership.objects.filter(user=cast.paula).delete()
    assert newest(deed="removed").details["role"] == ["pm", None]
    Membership.objects.bulk_create([Membership(user=cast.paula, team=cast.finance, role="pm", period=span_of(cast))])
    assert newest().label == "Finance"


def span_of(cast: Cast) -> object:
    return Membership.objects.get(user=cast.otto).period


def test_a_change_that_is_rolled_back_leaves_no_entry(cast: Cast) -> None:
    before = AuditEntry.objects.count()
    with transaction.atomic():
        User.objects.filter(pk=cast.otto.pk).update(is_admin=True)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == before


def test_a_change_that_changes_nothing_leaves_no_entry(cast: Cast) -> None:
    before = AuditEntry.objects.count()
    User.objects.update(is_active=True)
    User.objects.update(last_login=NOW)
    assert AuditEntry.objects.count() == before


def test_neither_passwords_nor_digests_get_in(cast: Cast) -> None:
    cast.otto.set_password(PASSWORD)
    cast.otto.save()
    assert newest().details == {"password": "changed"}
    make_token(cast.emil, product=cast.checkout)
    assert newest(topic="token").concerned == cast.emil
    held = ApiToken.objects.get()
    whole = json.dumps(list(AuditEntry.objects.values_list("details", flat=True)))
    assert held.digest not in whole
    assert cast.otto.password not in whole


def test_a_token_is_followed_from_making_to_revoking_but_not_in_its_use(cast: Cast) -> None:
    secret = make_token(cast.emil, product=cast.checkout)
    assert Api(secret).get("products").status_code == 200
    token = ApiToken.objects.get()
    assert token.last_used_at is not None
    revoke_token(token=token, now=NOW)
    deeds = AuditEntry.objects.filter(subject="products_apitoken").order_by("pk").values_list("deed", flat=True)
    assert list(deeds) == ["added", "changed"]
    assert set(newest().details) == {"revoked_at"}


def test_definitions_of_kpis_and_products_are_written_down(cast: Cast) -> None:
    kpi = define_kpi(
        product=cast.checkout, slug="conversion", name="Conversion", family="conversion", form="ratio", unit="%",
        direction="up", wording="Orders over sessions", holds_from=date(2026, 1, 1),
    )  # fmt: skip
    redefine_kpi(kpi=kpi, wording="Orders over visitors", holds_from=date(2026, 6, 1))
    assert newest().label == "Conversion"
    assert newest().details["wording"] == [None, "Orders over visitors"]
    cast.checkout.time_zone = "Europe/Amsterdam"
    cast.checkout.save()
    assert newest().details == {"time_zone": ["UTC", "Europe/Amsterdam"]}


def test_only_the_first_push_to_a_kpi_which_names_its_source_is_written_down(cast: Cast) -> None:
    define_kpi(
        product=cast.checkout, slug="orders", name="Orders", family="revenue", form="sum", unit="",
        direction="up", wording="Orders", holds_from=date(2026, 1, 1),
    )  # fmt: skip
    api = Api(make_token(cast.emil, product=cast.checkout))
    for value in (1, 2, 3):
        rows = [{"day": f"2026-01-{day:02}", "value": value} for day in range(1, 29)]
        assert api.post("kpis/orders/readings:batch", {"source": "ci", "readings": rows}).status_code == 200
    entry = AuditEntry.objects.get(subject="metrics_kpi", deed="changed")
    assert entry.details == {"source": ["", "ci"]}
    assert (entry.actor, entry.token) == (cast.emil, ApiToken.objects.get())


def test_the_admin_who_changes_a_role_is_named_with_the_request(cast: Cast, client: Client) -> None:
    client.force_login(cast.admin)
    assert client.post(f"/settings/people/{cast.otto.pk}/left/", {"sure": "on"}, secure=True).status_code == 303
    entry = AuditEntry.objects.filter(subject="products_user").latest("pk")
    assert (entry.actor, entry.concerned) == (cast.admin, cast.otto)
    assert entry.details == {"is_active": [True, False], "password": "changed"}
    assert len(entry.request_id) >= 32
    assert entry.process.startswith("pmtrack ")


@pytest.mark.django_db(transaction=True)
def test_nobody_is_named_for_what_happens_later_on_the_same_connection(cast: Cast, client: Client) -> None:
    client.force_login(cast.admin)
    client.post(f"/admin/products/team/{cast.finance.pk}/change/", {"slug": "finance", "name": "Money"}, secure=True)
    assert (newest().actor, newest().label) == (cast.admin, "Money")
    Team.objects.filter(pk=cast.finance.pk).update(name="Finance")
    assert (newest().actor, newest().label, newest().request_id) == (None, "Finance", "")


def test_signing_in_failing_and_signing_out_are_written_down(cast: Cast, client: Client) -> None:
    cast.otto.set_password(PASSWORD)
    cast.otto.save()
    client.post("/login/", {"login": "otto@example.com", "password": "wrong"}, secure=True)
    failed = newest()
    assert (failed.deed, failed.actor, failed.concerned) == ("sign_in_failed", None, cast.otto)
    client.post("/login/", {"login": "Otto@Example.com", "password": PASSWORD}, secure=True)
    assert (newest().deed, newest().actor) == ("signed_in", cast.otto)
    client.post("/logout/", secure=True)
    assert (newest().deed, newest().actor) == ("signed_out", cast.otto)
    assert PASSWORD not in json.dumps(list(AuditEntry.objects.values_list("details", flat=True)))


def test_an_address_that_is_nobodys_is_kept_as_a_keyed_hash_only(cast: Cast, client: Client) -> None:
    for typed in ("mallory@elsewhere.example", "MALLORY@elsewhere.example ", "other@elsewhere.example"):
        client.post("/login/", {"login": typed, "password": "guess"}, secure=True)
    entries = list(AuditEntry.objects.filter(deed="sign_in_failed").order_by("pk"))
    hashes = [entry.details["address"] for entry in entries]
    assert len(hashes) == 3
    assert hashes[0] == hashes[1] != hashes[2]
    assert "elsewhere" not in json.dumps(list(AuditEntry.objects.values("details", "label")))


def test_djangos_admin_has_no_door_of_its_own(cast: Cast, client: Client) -> None:
    answer = client.get("/admin/login/?next=/admin/", secure=True)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")
    client.force_login(cast.admin)
    client.post("/admin/logout/", secure=True)
    assert (newest().deed, newest().actor) == ("signed_out", cast.admin)


def test_a_refused_page_is_written_down_once_a_minute(cast: Cast, client: Client) -> None:
    client.force_login(cast.otto)
    for _ in range(3):
        assert client.get("/settings/audit/?who=somebody@elsewhere.example", secure=True).status_code == 403
    entry = AuditEntry.objects.get(topic="refusal")
    assert (entry.actor, entry.label, entry.details) == (
        cast.otto,
        "/settings/audit/",
        {"method": "GET", "status": 403},
    )


def test_a_thing_that_is_not_there_or_not_theirs_is_written_down(cast: Cast, client: Client) -> None:
    client.force_login(cast.otto)
    client.get("/products/secret-plan/", secure=True)
    assert newest().label == "/products/secret-plan/"
    before = AuditEntry.objects.count()
    client.get("/no/such/address/", secure=True)
    Client().get("/products/secret-plan/", secure=True)
    assert AuditEntry.objects.count() == before


def test_a_refused_token_is_written_down_with_its_maker(cast: Cast) -> None:
    reader = make_token(cast.emil, product=cast.checkout, scopes=["read"])
    assert Api(reader).post("usage:batch", {"source": "ci", "rows": []}).status_code == 403
    assert (newest().actor, newest().token, newest().details["status"]) == (cast.emil, ApiToken.objects.get(), 403)
    revoke_token(token=ApiToken.objects.get(), now=NOW)
    assert Api(reader).get("products").status_code == 401
    assert (newest().token, newest().details["status"]) == (ApiToken.objects.get(), 401)


def test_an_unknown_or_mistyped_token_leaves_nothing(cast: Cast) -> None:
    before = AuditEntry.objects.count()
    for secret in ("pmt_ci_wrong", None):
        assert Api(secret).get("products").status_code == 401
    assert AuditEntry.objects.count() == before


def test_an_answer_stands_when_the_audit_cannot_be_written(
    cast: Cast, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(cast.otto)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products_auditentry ADD CONSTRAINT test_nothing CHECK (false) NOT VALID")
    with caplog.at_level(logging.ERROR):
        assert client.get("/settings/audit/", secure=True).status_code == 403
    assert "could not be written to the audit" in caplog.text


@pytest.mark.parametrize(
    "statement",
    ["UPDATE products_auditentry SET label = 'x'", "DELETE FROM products_auditentry", "TRUNCATE products_auditentry"],
)
def test_even_the_owner_is_refused_by_the_guard(cast: Cast, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE products_auditentry ENABLE TRIGGER products_audit_keep_whole")
        with pytest.raises(ProgrammingError, match="The audit only grows"):
            cursor.execute(statement)


def test_every_table_with_the_audits_triggers_tells_them_who_acts(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'products_audit_%'")
        audited = {row[0] for row in cursor.fetchall()} - {"products_auditentry"}
    assert audited == set(settings.AUDITED_TABLES)
