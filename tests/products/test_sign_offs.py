"""Sign-offs: asked by rule, decided by whoever was asked and by nobody else, waived by a lead; a breach is shown, never refused."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client

from products.models import Ally, AuditEntry, Release, SignOff, SignOffDecision, User
from products.queries.signoffs import sign_offs_of
from products.services.releases import NewReleaseEvent, ingest_release_event
from products.services.signoff_letters import make_sign_off_link, post_sign_off_letters
from products.services.signoff_rules import set_rule
from products.services.signoffs import (
    BadApprover,
    BadEvidence,
    DecidedAlready,
    NotForColleagues,
    NotTheirs,
    SayWhy,
    Verdict,
    decide_sign_off,
    request_sign_off,
    waive_sign_off,
)
from tests.conftest import Cast
from tests.factories import NOW, make_release, make_user, since

LINK = re.compile(r"/sign-off/([A-Za-z0-9_-]{43})/")
APPROVED, CONDITIONS, REJECTED = SignOffDecision.APPROVED, SignOffDecision.CONDITIONS, SignOffDecision.REJECTED
DAY = timedelta(days=1)


@pytest.fixture
def alma(cast: Cast) -> User:
    """Legal's ally of Checkout; every external product needs legal within 5 days, Checkout marketing within 3."""
    ally = make_user("Alma")
    Ally.objects.create(product=cast.checkout, user=ally, function="legal", period=since())
    set_rule(product=None, function="legal", due_days=5, by=cast.admin, now=NOW)
    set_rule(product=cast.checkout, function="marketing", due_days=3, by=cast.admin, now=NOW)
    return ally


def told(cast: Cast, kind: str, *, at: datetime = NOW, version: str = "2.0", by: User | None = None) -> Release:
    """An event about Checkout as CI sends it."""
    event = NewReleaseEvent("ci", f"{kind}-{version}-{at}", cast.checkout, version, kind, at)
    return ingest_release_event(event=event, now=at, by=by).release


def legal_of(release: Release) -> SignOff:
    return SignOff.objects.filter(release=release, function="legal").latest("pk")


def test_a_planned_release_asks_the_allies_that_the_rules_name_once(cast: Cast, alma: User) -> None:
    release = told(cast, "planned")
    told(cast, "planned", at=NOW + timedelta(hours=1))
    rows = {row.function: row for row in SignOff.objects.filter(release=release)}
    assert set(rows) == {"legal", "marketing"}
    assert (rows["legal"].approver, rows["legal"].due_on) == (alma, NOW.date() + timedelta(days=5))
    assert (rows["marketing"].approver, rows["marketing"].due_on) == (None, NOW.date() + timedelta(days=3))
    assert release.sign_offs.get(function="legal").letters.count() == 1


def test_a_product_may_need_less_than_others_and_colleagues_need_none(cast: Cast, alma: User) -> None:
    set_rule(product=cast.checkout, function="legal", due_days=None, by=cast.admin, now=NOW)
    assert {row.function for row in told(cast, "planned").sign_offs.all()} == {"marketing"}
    with pytest.raises(NotForColleagues):
        request_sign_off(
            release=make_release(cast.switchyard, "1"),
            function="legal",
            approver=alma,
            due_on=NOW.date(),
            by=cast.paula,
            now=NOW,
        )


def test_the_ally_who_plans_it_is_not_asked(cast: Cast, alma: User) -> None:
    assert legal_of(told(cast, "planned", by=alma)).approver is None


def test_nobody_signs_off_what_they_ask_for_whatever_writes(cast: Cast, alma: User) -> None:
    release = told(cast, "planned")
    with pytest.raises(BadApprover, match="ask for themselves"):
        request_sign_off(
            release=release, function="privacy", approver=cast.lena, due_on=NOW.date(), by=cast.lena, now=NOW
        )
    with pytest.raises(BadApprover, match="answers for the product"):
        request_sign_off(
            release=release, function="privacy", approver=cast.emil, due_on=NOW.date(), by=cast.lena, now=NOW
        )
    for wrong in (
        {"approver": cast.lena, "requested_by": cast.lena},
        {"approver": cast.emil, "requested_by": cast.lena},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            SignOff.objects.create(release=release, function="privacy", requested_at=NOW, due_on=NOW.date(), **wrong)


def test_only_whoever_is_asked_decides_and_once(cast: Cast, alma: User) -> None:
    row = legal_of(told(cast, "planned"))
    with pytest.raises(NotTheirs, match="Alma is asked"):
        decide_sign_off(sign_off=row, verdict=Verdict(APPROVED), by=cast.lena, now=NOW)
    with pytest.raises(SayWhy, match="conditions"):
        decide_sign_off(sign_off=row, verdict=Verdict(CONDITIONS, "  "), by=alma, now=NOW)
    with pytest.raises(BadEvidence):
        decide_sign_off(sign_off=row, verdict=Verdict(APPROVED, "", "javascript:alert(1)"), by=alma, now=NOW)
    decide_sign_off(sign_off=row, verdict=Verdict(CONDITIONS, "Only in the EU."), by=alma, now=NOW + DAY)
    with pytest.raises(DecidedAlready, match="asked again"):
        decide_sign_off(sign_off=row, verdict=Verdict(REJECTED, "No."), by=alma, now=NOW + DAY)
    for sql in ("decision = 'approved'", "words = ''", f"approver_id = {cast.lena.pk}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE products_signoff SET {sql} WHERE id = %s", [row.pk])
    assert AuditEntry.objects.filter(topic="sign_off", subject="products_signoff").count() == 3


def test_a_lead_waives_with_a_reason_and_a_pm_does_not(cast: Cast, alma: User) -> None:
    row = legal_of(told(cast, "planned"))
    with pytest.raises(NotTheirs, match="lead"):
        waive_sign_off(sign_off=row, reason="Late", by=cast.emil, now=NOW)
    with pytest.raises(SayWhy):
        waive_sign_off(sign_off=row, reason=" ", by=cast.lena, now=NOW)
    assert waive_sign_off(sign_off=row, reason="Text only.", by=cast.lena, now=NOW).decision == "waived"


def test_what_went_live_anyway_is_recorded_and_said(cast: Cast, alma: User) -> None:
    release = told(cast, "planned")
    set_rule(product=None, function="security", due_days=2, by=cast.admin, now=NOW)
    decide_sign_off(sign_off=legal_of(release), verdict=Verdict(APPROVED), by=alma, now=NOW + DAY)
    release = told(cast, "exposed", at=NOW + 2 * DAY)
    assert release.state == "live"
    shown = sign_offs_of(cast.otto, release, now=NOW + 2 * DAY)
    assert shown is not None
    assert shown.breach == "Went live without marketing’s and security’s sign-off"
    late = release.sign_offs.get(function="marketing")
    waive_sign_off(sign_off=late, reason="Told them.", by=cast.lena, now=NOW + 3 * DAY)
    shown = sign_offs_of(cast.otto, release, now=NOW + 3 * DAY)
    assert shown is not None
    assert "marketing’s" in shown.breach


def test_history_that_is_sent_late_asks_nobody(cast: Cast, alma: User) -> None:
    event = NewReleaseEvent("ci", "old", cast.checkout, "0.1", "exposed", NOW - 40 * DAY)
    release = ingest_release_event(event=event, now=NOW).release
    assert not release.sign_offs.exists()


def test_a_rejection_is_asked_about_again_and_both_stay(cast: Cast, alma: User) -> None:
    release = told(cast, "planned")
    decide_sign_off(sign_off=legal_of(release), verdict=Verdict(REJECTED, "No basis."), by=alma, now=NOW)
    request_sign_off(
        release=release, function="legal", approver=alma, due_on=NOW.date(), by=cast.emil, now=NOW + DAY / 4
    )
    shown = sign_offs_of(cast.emil, release, now=NOW + DAY / 4)
    assert shown is not None
    assert [(row.function, row.decision, row.is_newest) for row in shown.rows][:2] == [
        ("legal", "", True),
        ("legal", "rejected", False),
    ]
    assert shown.title == "Not yet signed off by legal and marketing"


def test_a_usual_needs_five_decisions(cast: Cast, alma: User) -> None:
    for place in range(5):
        row = legal_of(told(cast, "planned", version=f"3.{place}"))
        shown = sign_offs_of(cast.emil, row.release, now=NOW + DAY)
        assert shown is not None
        assert shown.rows[0].usual.text == f"no usual yet, n {place} of 5"
        decide_sign_off(sign_off=row, verdict=Verdict(APPROVED), by=alma, now=NOW + (place + 2) * DAY)
    shown = sign_offs_of(cast.emil, row.release, now=NOW + 9 * DAY)
    assert shown is not None
    assert shown.rows[0].waited_text == "6 d, usual 4 d, n 5"


@pytest.fixture
def outbox(settings: Any) -> list[mail.EmailMessage]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def test_the_letter_s_link_decides_once_on_one_screen(cast: Cast, alma: User, outbox: list[mail.EmailMessage]) -> None:
    now = datetime.now(UTC)
    release = told(cast, "planned", at=now)
    assert post_sign_off_letters(now=now).sent == 1
    assert post_sign_off_letters(now=now).sent == 0
    found = LINK.search(str(outbox[0].body))
    assert found
    address, stranger = f"/sign-off/{found[1]}/", Client()
    shown = stranger.get(address, secure=True)
    assert (shown.status_code, "You decide as Alma" in shown.content.decode()) == (200, True)
    refused = stranger.post(address, {"decision": "rejected"}, secure=True)
    assert (refused.status_code, "what stands against it" in refused.content.decode()) == (422, True)
    done = stranger.post(address, {"decision": "approved"}, secure=True)
    assert (done.status_code, done.headers["Location"]) == (303, "/sign-off/noted/")
    assert legal_of(release).decided_by == alma
    again = stranger.post(address, {"decision": "rejected", "words": "No"}, secure=True)
    assert (again.status_code, "answers once" in again.content.decode()) == (410, True)
    assert AuditEntry.objects.filter(topic="sign_off").latest("pk").actor == alma


def test_a_link_ends_when_another_is_asked(cast: Cast, alma: User) -> None:
    now = datetime.now(UTC)
    row = legal_of(told(cast, "planned", at=now))
    secret = make_sign_off_link(sign_off=row, person=alma, now=now)
    request_sign_off(
        release=row.release, function="legal", approver=cast.otto, due_on=date(2099, 1, 1), by=cast.emil, now=now
    )
    assert "somebody else" in Client().get(f"/sign-off/{secret}/", secure=True).content.decode()
    assert "not a whole link" in Client().get("/sign-off/short/", secure=True).content.decode()
