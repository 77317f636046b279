"""The record of a person in Chromium: readable everywhere, a contribution told and confirmed, a pack frozen and taken away."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from metrics.catalog.quarters import quarter_of
from metrics.models import Contribution, ReviewPack
from metrics.services.contributions import Told, add_contribution
from metrics.services.person_notes import Talk, write_lead_note, write_talk
from metrics.services.review_packs import freeze_pack
from products.models import AuditEntry
from tests.browser.conftest import Window
from tests.conftest import Cast
from tests.credit.scene import read, ship, thanks
from tests.factories import assign, make_feature, make_kpi, make_product

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Window]


@pytest.fixture
def record(cast: Cast) -> dict[str, int]:
    """Emil's year: an external and an internal product, with a bit of everything."""
    now = datetime.now(UTC)
    live = now - timedelta(days=60)
    assign(cast.emil, make_product("a-product-with-a-name-that-takes-some-room", "I"))
    kpi = make_kpi(cast.checkout, "happiness", "mean")
    for number, words in enumerate(("Clearly better", "Clearly worse", "Too early")):
        release = ship(cast.checkout, f"Release {number} of the booking form", live=live - timedelta(days=9 * number))
        read(release, kpi, 100 - 90 * number, 20, words=words, live_on=release.live_at.date(), as_of=now.date())
    thanks(cast.paula, make_feature(cast.paula, cast.switchyard, title="Flags"), cast.checkout, "enabled", None, None)
    row = add_contribution(
        told=Told("culture", "Started the monthly hour about what we got wrong", live.date()),
        by=cast.emil,
        now=now,
        asked=cast.otto,
    )
    write_talk(talk=Talk(now.date(), "Interviews take a week.", "Legal review.", ""), by=cast.emil, now=now)
    write_lead_note(person=cast.emil, quarter=quarter_of(now.date()), text="A good one.", by=cast.lena, now=now)
    pack = freeze_pack(person=cast.emil, since=date(2026, 1, 1), last=now.date(), by=cast.emil, now=now)
    return {"person": cast.emil.pk, "contribution": row.pk, "pack": pack.pk}


PAGES = {
    "record": "/people/{person}/",
    "three months": "/people/{person}/?from=2026-08",
    "talk": "/people/{person}/talk/",
    "pack": "/people/{person}/packs/{pack}/",
    "new pack": "/people/{person}/packs/new/",
    "new contribution": "/contributions/new/",
    "contribution": "/contributions/C-{contribution}/",
    "ask": "/contributions/C-{contribution}/ask/",
}


@pytest.mark.long  # looked at page by page
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable_in_both_themes_and_at_every_width(
    record: dict[str, int], cast: Cast, open_window: Open, name: str
) -> None:
    assert open_window(cast.emil).troubles(PAGES[name].format(**record)) == {}


@pytest.mark.long
def test_an_empty_record_and_the_leads_note_are_readable(record: dict[str, int], cast: Cast, open_window: Open) -> None:
    quarter = quarter_of(datetime.now(UTC).date()).name
    assert open_window(cast.lena).troubles(f"/people/{record['person']}/notes/{quarter}/") == {}
    assert open_window(cast.otto).troubles(f"/people/{cast.otto.pk}/") == {}


def test_the_record_is_usable_by_everybody(record: dict[str, int], cast: Cast, open_window: Open) -> None:
    assert open_window(cast.lena).troubles(PAGES["record"].format(**record)) == {}


@pytest.mark.parametrize("script", [True, False])
def test_a_contribution_is_told_with_the_keyboard_and_confirmed(cast: Cast, open_window: Open, script: bool) -> None:
    emil, otto = open_window(cast.emil, script=script), open_window(cast.otto, script=script, width=390)
    emil.go(f"/people/{cast.emil.pk}/")
    emil.page.get_by_role("link", name="Add contribution").click()
    emil.page.get_by_label("What did you do?").fill("Wrote the vision")
    emil.page.get_by_label("Kind").select_option("vision")
    emil.page.get_by_role("textbox", name="From", exact=True).fill("2026-02-01")
    emil.page.get_by_label("Who had something of it").fill("Otto")
    emil.page.keyboard.press("Enter")
    expect(emil.page.locator("main")).to_contain_text("Otto is asked to confirm it.")
    otto.go(f"/people/{cast.otto.pk}/")
    otto.page.get_by_role("link", name="Was it so?").click()
    otto.page.get_by_label("Yes, I had something of it").check()
    otto.page.get_by_role("button", name="Answer").click()
    expect(otto.page.locator("main")).to_contain_text("Noted. Emil sees it.")
    emil.go(f"/people/{cast.emil.pk}/")
    expect(emil.page.locator("#outside")).to_contain_text("Confirmed by Otto")
    assert Contribution.objects.get().asks.get().answer == "confirmed"
    assert (emil.messages, otto.messages) == ([], [])


def test_a_lead_freezes_a_pack_and_the_person_sees_that_it_was_read(cast: Cast, open_window: Open) -> None:
    lena, emil = open_window(cast.lena), open_window(cast.emil)
    lena.go("/people/")
    lena.page.get_by_role("link", name="Emil").click()
    lena.page.get_by_role("link", name="Review pack", exact=True).click()
    lena.page.get_by_role("button", name="Freeze it").click()
    expect(lena.page.locator("h1")).to_contain_text("Review pack of Emil")
    pack = ReviewPack.objects.get()
    expect(lena.page.locator(".digest")).to_have_text(pack.digest)
    with lena.page.expect_download() as held:
        lena.page.get_by_role("link", name="As JSON").click()
    assert held.value.path().read_text() == pack.body
    emil.go("/settings/about-me/")
    expect(emil.page.locator("main")).to_contain_text("read the record of")
    assert AuditEntry.objects.filter(deed="read", concerned=cast.emil).count() >= 3
