"""Events, experiments and decisions in the browser."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from metrics.models import ContextEvent, Experiment, ReleaseDecision
from tests.conftest import Cast
from tests.factories import make_commitment, make_event, make_kpi, make_release
from tests.journeys.forms import send
from tests.journeys.test_pages import signed_in, text_of

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()
NEW = "/settings/events/new/"
FINE = {
    "product": "checkout",
    "name": "Summer campaign",
    "kind": "campaign",
    "first_day": "2026-06-01",
    "last_day": "2026-06-07",
}


def test_a_pm_notes_an_event_of_his_product_and_ends_it(cast: Cast) -> None:
    client = signed_in(cast.emil)
    assert send(client, NEW, **{**FINE, "last_day": ""}).status_code == 303
    event = ContextEvent.objects.get()
    assert (event.product, event.last_day, event.noted_by) == (cast.checkout, None, cast.emil)
    page = text_of(client.get("/settings/events/?product=checkout"))
    assert "1 event, 1 going on" in page
    assert "since 1 Jun 2026" in page
    assert send(client, f"/settings/events/{event.pk}/", last_day="2026-06-03").status_code == 303
    assert "1 Jun 2026 to 3 Jun 2026, 3 days" in text_of(client.get("/settings/events/"))
    assert client.post(f"/settings/events/{event.pk}/remove/").status_code == 303
    assert not ContextEvent.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"last_day": "2026-05-31"}, "It cannot end on 2026-05-31 if it begins on 2026-06-01."),
        ({"first_day": "soon"}, "Write the day like 2026-06-15."),
        ({"first_day": "1815-06-18"}, "Choose a day between 2000 and 2099."),
        ({"name": ""}, "Write what people call it"),
        ({"kind": "storm"}, "Choose what it is from the list."),
        ({"product": "switchyard"}, "Choose one of your products, or the whole company."),
        ({"product": "company"}, "Choose one of your products, or the whole company."),
        ({"name": "Spring offer"}, "Checkout has “Spring offer” from 2026-06-01 on already."),
    ],
)
def test_a_bad_event_is_refused_in_words(cast: Cast, typed: dict[str, str], words: str) -> None:
    make_event(cast.emil, cast.checkout, date(2026, 6, 1), None, name="Spring offer")
    response = send(signed_in(cast.emil), NEW, **{**FINE, **typed})
    assert response.status_code == 422
    assert response.content.decode().count(words) == 2
    assert ContextEvent.objects.count() == 1


def test_leads_note_events_of_the_company_and_others_read_them(cast: Cast) -> None:
    assert send(signed_in(cast.lena), NEW, **{**FINE, "product": "company"}).status_code == 303
    event = ContextEvent.objects.get()
    assert event.product is None
    for who in (cast.otto, cast.emil, cast.admin):
        client = signed_in(who)
        assert "the whole company" in text_of(client.get("/settings/events/"))
        assert client.get(f"/settings/events/{event.pk}/").status_code == 403
        assert client.post(f"/settings/events/{event.pk}/remove/").status_code == 403
    assert signed_in(cast.otto).get(NEW).status_code == 403
    assert signed_in(cast.otto).get("/settings/events/99999999999999999999/").status_code == 404
    assert signed_in(cast.otto).get("/settings/events/?product=nothing").status_code == 404


def test_two_people_who_change_one_event_are_told(cast: Cast) -> None:
    event = make_event(cast.emil, cast.checkout, date(2026, 6, 1), None)
    client = signed_in(cast.emil)
    form = client.get(f"/settings/events/{event.pk}/").context["form"]
    ContextEvent.objects.filter(pk=event.pk).update(name="Autumn campaign")
    typed = {**FINE, "version": form["version"].value(), "name": "Winter campaign"}
    response = client.post(f"/settings/events/{event.pk}/", typed)
    assert response.status_code == 409
    assert "Autumn campaign" in text_of(response)


def test_the_public_holidays_of_a_products_country_are_listed(cast: Cast) -> None:
    client = signed_in(cast.otto)
    assert "Checkout has no country yet" in text_of(client.get("/settings/events/?product=checkout"))
    cast.checkout.country = "NL"
    cast.checkout.save()
    assert "Netherlands, a year back and a year ahead" in text_of(client.get("/settings/events/?product=checkout"))


RESULT = {"scale": "relative", "effect": "4.2", "low": "1", "high": "7.4", "with_it": "9000", "without_it": "9100"}


def test_a_result_is_entered_corrected_and_taken_back(cast: Cast) -> None:
    release, orders = make_release(cast.checkout, "2.0"), make_kpi(cast.checkout, "orders")
    make_commitment(cast.emil, release, orders)
    client, path = signed_in(cast.emil), f"/releases/{release.key}/experiments/orders/"
    assert client.get(f"/releases/{release.key}/experiments/?kpi=orders")["Location"] == path
    assert send(client, path, **RESULT, url="https://example.com/result").status_code == 303
    assert Experiment.objects.get().effect == Decimal("0.042")
    page = text_of(client.get(f"/releases/{release.key}/"))
    assert "+4.2 % +1 % to +7.4 %, 95 % 9,000 had it, 9,100 did not" in page
    assert send(client, path, effect="-0.5", low="-2", high="1").status_code == 303
    held = Experiment.objects.get(superseded_at__isnull=True)
    assert "1 corrected or taken back" in text_of(client.get(f"/releases/{release.key}/"))
    client.post(f"{path}take-back/", {"standing": str(held.pk)})
    assert "2 corrected or taken back" in text_of(client.get(f"/releases/{release.key}/"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"low": "5"}, "lies outside 0.05 to 0.074. Look at the signs."),
        ({"low": "-200", "effect": "-150"}, "Nothing falls by more than all of it"),
        ({"scale": "points"}, "Choose how the effect is said."),
        ({"with_it": "0"}, "A group has somebody in it."),
        ({"effect": ""}, "Write a number, with a minus where it fell."),
        ({"url": "javascript:alert(1)"}, "Write a whole address"),
        ({"level": "2"}, "Choose the level of the interval."),
    ],
)
def test_a_bad_result_is_refused_in_words(cast: Cast, typed: dict[str, str], words: str) -> None:
    release = make_release(cast.checkout, "2.0")
    make_kpi(cast.checkout, "orders")
    path = f"/releases/{release.key}/experiments/orders/"
    response = send(signed_in(cast.emil), path, **{**RESULT, **typed})
    assert response.status_code == 422
    assert response.content.decode().count(words) == 2
    assert not Experiment.objects.exists()


def test_a_decision_keeps_its_reason_and_its_history(cast: Cast) -> None:
    release, path = make_release(cast.checkout, "2.0", live_at=datetime.now(UTC) - timedelta(days=3)), ""
    path = f"/releases/{release.key}/decide/"
    client = signed_in(cast.emil)
    assert "Nobody decided yet" in text_of(client.get(f"/releases/{release.key}/"))
    assert send(client, path, decided="keep", reason="It earns.").status_code == 303
    assert send(client, path, decided="keep", reason="It earns.").status_code == 303
    assert send(signed_in(cast.lena), path, decided="roll_back", reason="It does not, after all.").status_code == 303
    page = text_of(signed_in(cast.otto).get(f"/releases/{release.key}/"))
    assert "Decided: roll it back" in page
    assert "Keep it · It earns." in page
    assert ReleaseDecision.objects.count() == 2
    refused = send(client, path, decided="", reason="")
    assert refused.status_code == 422
    assert "Say why: whoever comes after you will ask." in text_of(refused)
    assert signed_in(cast.otto).get(path).status_code == 403
