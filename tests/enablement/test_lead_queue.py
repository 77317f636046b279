"""What waits for a lead, on one page and once a week by mail."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.catalog.quarters import quarter_of
from metrics.models import Estimate, Kpi, Letter, WeeklyDigest
from metrics.queries.lead_queue import LeadQueue, QueuePart, lead_queue
from metrics.services.assessments import Answers, assess
from metrics.services.digests import queue_digests, wish_digest
from metrics.services.evidence import decide
from metrics.services.letters import post_letters
from metrics.services.readings import NewReading, push_readings
from products.models import Product, ProductTeam, Release, User
from tests.enablement.scene import Scene
from tests.factories import NOW, join, make_kpi, make_product, make_team, make_user, own, since
from tests.metrics.uploads import browser_of, text
from tests.together import at_once

pytestmark = pytest.mark.django_db
CANARY = "xylophone-heron"
# A Monday, an hour after the letters of the week are written.
MONDAY = datetime(2026, 6, 15, 6, tzinfo=NOW.tzinfo)
BEFORE = MONDAY - timedelta(days=5)


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> list[mail.EmailMessage]:
    """Letters end in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PUBLIC_URL = "https://pm.example.com"
    mail.outbox = []
    return mail.outbox


def part(user: User, key: str, *, now: datetime = NOW) -> QueuePart:
    queue: LeadQueue = lead_queue(user, now=now)
    return next(one for one in queue.parts if one.key == key)


def test_an_internal_product_waits_until_it_is_assessed(scene: Scene) -> None:
    cast = scene.cast
    assert [row.text for row in part(cast.lena, "assess").rows] == ["Switchyard"]
    quarter = quarter_of(NOW.date())
    assess(product=cast.switchyard, quarter=quarter, answers=Answers("a", "b", "c"), by=cast.lena, now=NOW)
    done = part(cast.lena, "assess")
    assert (done.count, done.title) == (0, "Every internal product of yours is assessed this quarter")


def test_claims_wait_until_somebody_answers(scene: Scene) -> None:
    scene.claim()
    claims = part(scene.cast.lena, "claims")
    assert (claims.count, claims.title) == (1, "One claim without an answer")
    assert "Bulk booking" in claims.rows[0].text


def test_kpis_wait_that_nobody_read_for_four_weeks(scene: Scene) -> None:
    cast, today = scene.cast, NOW.date()
    for slug, ago in (("fresh", 27), ("old", 28), ("never", None)):
        kpi = make_kpi(cast.checkout, slug)
        if ago is not None:
            reading = NewReading(day=today - timedelta(days=ago), numerator=5)
            push_readings(kpi=kpi, source="erp", readings=[reading], now=NOW)
    assert [row.detail for row in part(cast.lena, "kpis").rows] == ["never read", "last reading 18 May 2026"]


def read_in_full(scene: Scene, live_on: date, word: str) -> Release:
    """A reading of Staged rollout over two weeks, without figures."""
    kpi = make_kpi(scene.cast.switchyard, "builds")
    Estimate.objects.create(
        product=scene.cast.switchyard, kpi=kpi, release=scene.release, basis="past", is_preferred=True, is_main=True,
        is_guardrail=False, named_at=NOW, is_named_before=True, word=word, words="", reason="short_history",
        live_on=live_on, planned=14, method="test", digest="0", computed_at=NOW,
    )  # fmt: skip
    return scene.release


@pytest.mark.parametrize(("ago", "count"), [(13, 0), (14, 1), (179, 1), (180, 0)])
def test_effects_are_due_when_their_window_is_over_and_for_half_a_year(scene: Scene, ago: int, count: int) -> None:
    release = read_in_full(scene, NOW.date() - timedelta(days=ago), "not_enough_data")
    assert part(scene.cast.lena, "effects").count == count
    decide(release=release, decided="keep", reason="It is quiet.", by=scene.cast.lena, now=NOW)
    assert part(scene.cast.lena, "effects").count == 0


def test_a_full_queue_costs_as_many_statements_as_an_empty_one(scene: Scene) -> None:
    costs = []
    for number in (0, 5):
        for one in range(number):
            own(scene.cast.platform, make_product(f"tool-{one}", "I"))
            make_kpi(scene.cast.checkout, f"kpi-{one}")
        with CaptureQueriesContext(connection) as statements:
            lead_queue(scene.cast.lena, now=NOW)
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 7


def test_of_four_hundred_products_fifty_rows_are_fetched_and_the_rest_is_counted(scene: Scene) -> None:
    cast, live_on = scene.cast, NOW.date() - timedelta(days=30)
    products = Product.objects.bulk_create(
        Product(slug=f"tool-{one}", name=f"Tool {one:03}", type="I", released_is_live=True, time_zone="UTC")
        for one in range(400)
    )
    ProductTeam.objects.bulk_create(ProductTeam(product=one, team=cast.platform, period=since()) for one in products)
    like = make_kpi(products[0], "kpi-0")
    fields = {
        field.attname: getattr(like, field.attname) for field in Kpi._meta.concrete_fields if not field.primary_key
    }
    Kpi.objects.bulk_create(
        Kpi(**{**fields, "slug": f"kpi-{one}", "name": f"KPI {one}", "product_id": products[one].pk})
        for one in range(1, 400)
    )
    read_in_full(scene, live_on, "not_enough_data")
    with CaptureQueriesContext(connection) as statements:
        queue = lead_queue(cast.lena, now=NOW)
    assert len(statements) <= 7
    parts = {one.key: (len(one.rows), one.count) for one in queue.parts}
    assert (parts["assess"], parts["kpis"], parts["effects"]) == ((50, 401), (50, 401), (1, 1))
    page = text(browser_of(cast.lena).get("/queue/"))
    assert page.count("And 351 more.") == 2


def test_nothing_of_other_teams_waits_and_an_empty_queue_says_so(scene: Scene) -> None:
    scene.claim()
    olga = make_user("Olga")
    join(olga, make_team("other"), "lead")
    queue = lead_queue(olga, now=NOW)
    assert (queue.count, queue.verdict) == (0, "Nothing waits for you.")


def test_the_page_is_for_leads_and_the_team_page_leads_them_there(scene: Scene) -> None:
    lead = browser_of(scene.cast.lena)
    assert "internal product without an assessment this quarter" in text(lead.get("/queue/"))
    assert 'href="/queue/"' in text(lead.get("/impact/"))
    for person in (scene.cast.paula, scene.cast.otto, scene.cast.admin):
        assert browser_of(person).get("/queue/").status_code == 403
        assert 'href="/queue/"' not in text(browser_of(person).get("/impact/"))


def test_the_weekly_letter_is_off_until_a_lead_switches_it_on(scene: Scene) -> None:
    assert queue_digests(now=MONDAY) == 0
    client = browser_of(scene.cast.lena)
    assert "Weekly letter: off" in text(client.get("/settings/about-me/"))
    assert client.post("/queue/letter/", {"wanted": "yes"}).status_code == 303
    assert "Weekly letter: on" in text(client.get("/settings/about-me/"))
    assert client.post("/queue/letter/", {"wanted": "no"}).status_code == 303
    assert "Weekly letter: off" in text(client.get("/settings/about-me/"))
    assert "Weekly letter" not in text(browser_of(scene.cast.paula).get("/settings/about-me/"))
    assert browser_of(scene.cast.paula).post("/queue/letter/", {"wanted": "yes"}).status_code == 403


def test_one_letter_a_week_tells_what_waits_and_nothing_that_was_assessed(scene: Scene) -> None:
    cast = scene.cast
    answers = Answers(CANARY, CANARY, CANARY)
    assess(product=cast.switchyard, quarter=quarter_of(BEFORE.date()), answers=answers, by=cast.lena, now=BEFORE)
    scene.claim(now=BEFORE)
    wish_digest(person=cast.lena, wanted=True, now=BEFORE)
    assert [queue_digests(now=MONDAY + timedelta(hours=hours)) for hours in (-2, 0, 1, 30)] == [0, 1, 0, 0]
    post_letters(now=MONDAY)
    (letter,) = [one for one in mail.outbox if one.to == ["lena@example.com"]]
    assert letter.subject == "Your queue: one thing waits"
    assert "One claim without an answer" in letter.body
    assert "https://pm.example.com/queue/" in letter.body
    assert all(CANARY not in one.body + one.subject for one in mail.outbox)
    assert queue_digests(now=MONDAY + timedelta(weeks=1)) == 1
    assert "What waits for you as a lead" in text(browser_of(cast.lena).get("/letters/"))


def test_no_letter_leaves_where_nothing_waits_or_the_wish_ended(scene: Scene) -> None:
    cast = scene.cast
    answers = Answers("a", "b", "c")
    wish_digest(person=cast.lena, wanted=True, now=BEFORE)
    assert queue_digests(now=MONDAY) == 1
    assess(product=cast.switchyard, quarter=quarter_of(BEFORE.date()), answers=answers, by=cast.lena, now=MONDAY)
    assert post_letters(now=MONDAY).dropped == 1
    assert "not sent: nothing waited" in text(browser_of(cast.lena).get("/letters/"))
    assert queue_digests(now=MONDAY + timedelta(weeks=1)) == 1
    wish_digest(person=cast.lena, wanted=False, now=MONDAY)
    assert post_letters(now=MONDAY + timedelta(weeks=1)).dropped == 1


def test_a_wish_of_this_week_and_a_lead_no_more_bring_no_letter(scene: Scene) -> None:
    wish_digest(person=scene.cast.lena, wanted=True, now=MONDAY)
    wish_digest(person=scene.cast.otto, wanted=True, now=BEFORE)
    assert queue_digests(now=MONDAY) == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_beats_at_once_one_writes_the_letter(scene: Scene) -> None:
    wish_digest(person=scene.cast.lena, wanted=True, now=BEFORE)
    assert sum(at_once(lambda _: queue_digests(now=MONDAY), range(6))) == 1
    assert (WeeklyDigest.objects.count(), Letter.objects.filter(kind="digest").count()) == (1, 1)
