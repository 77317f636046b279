"""Pages that show credit: figures equal the worked example, what is missing is said in words, and more of it costs no more."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Enablement
from products.models import User
from tests.credit.scene import WholeExample, ask_again, read, settle, ship, thanks
from tests.factories import make_feature, make_kpi, make_product, make_team, own

pytestmark = pytest.mark.django_db
TAGS = re.compile(r"<[^>]+>")


def client_of(user: User) -> Client:
    """A browser of this colleague."""
    client = Client()
    client.force_login(user)
    return client


def markup(user: User, address: str) -> str:
    """A page, as one line."""
    response = client_of(user).get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def section(user: User, address: str, name: str) -> str:
    """The words of one section of a page."""
    page = markup(user, address)
    start = page.index(f'id="{name}"')
    return " ".join(TAGS.sub(" ", page[start : page.index("</section>", start)]).split())


def test_a_helper_reads_what_it_assisted_whole_and_beside_it_what_it_is_credited_with(whole: WholeExample) -> None:
    assisted = section(whole.cast.otto, "/products/web/", "assisted")
    assert "Assisted: 1 effect of others" in assisted
    assert "Bulk booking Checkout · Happiness" in assisted
    assert "+100 pts" in assisted
    credited = section(whole.cast.otto, "/products/web/", "credited")
    assert "Happiness of Checkout Q2 2026 · 1 enablement for 1 release" in credited
    assert "+6.7 pts all from others +1.7 pts to Design +5.0 pts +3.0 to +7.0" in credited
    assert "only the effect and its interval are measured" in credited
    assert "+150" not in markup(whole.cast.otto, "/products/web/")


def test_who_was_helped_reads_who_confirmed_it_and_what_goes_on(whole: WholeExample) -> None:
    page = markup(whole.cast.emil, "/products/checkout/")
    words = " ".join(TAGS.sub(" ", page[page.index('id="en-had"') :]).split())
    assert "Payments → helped Bulk booking Checkout · Emil said thanks · Payments" in words
    assert "Happiness: +46.7 pts of +100 pts" in words
    credited = section(whole.cast.emil, "/products/checkout/", "credited")
    assert "+100 pts all its own +53.3 pts +46.7 pts to Payments +6.7 pts to Web +46.7 pts +28.4 to +65.0" in credited


def test_the_graph_leads_from_own_release_to_what_customers_did(whole: WholeExample) -> None:
    page = markup(whole.cast.otto, "/products/web/")
    graph = page[page.index('<svg class="chart flow"') : page.index("</figure>")]
    assert 'role="group" aria-labelledby="flow-t" aria-describedby="flow-d"' in graph
    assert f'<a href="/releases/R-{whole.web_release.pk}/"><title>Grid,' in graph
    assert f'<a href="/enablements/{whole.faster.key}/"><title>Bulk booking, Checkout</title>' in graph
    assert (
        f'<a href="/releases/{whole.release.key}/?kpi={whole.kpi.slug}"><title>Happiness +100 pts: cannot tell' in graph
    )
    assert '<path class="fl fl-confirmed"' in graph
    assert "style=" not in graph


def test_claims_are_dashed_and_what_was_disputed_stands_in_the_table_only(whole: WholeExample) -> None:
    ask_again(whole.faster, whole.cast.emil)
    page = markup(whole.cast.otto, "/products/web/")
    assert "fl-claimed" in page
    assert "fl-confirmed" not in page
    assert "shown once it is confirmed" in page
    assert "Claimed only: whoever did the helped work has not confirmed it." in page
    row = Enablement.objects.filter(pk=whole.faster.pk)
    row.update(
        asked=None,
        asked_at=None,
        expires_at=None,
        state="disputed",
        answered_by=whole.cast.emil,
        answered_at="2026-06-01T00:00Z",
    )
    page = markup(whole.cast.otto, "/products/web/")
    assert "chart flow" not in page
    assert "Those who were helped say no." in page


def test_more_than_eight_links_are_drawn_by_kind_and_the_table_keeps_each(whole: WholeExample) -> None:
    for number in range(8):
        feature = make_feature(whole.cast.emil, whole.cast.checkout, title=f"Work {number}")
        whole.help(whole.web, feature, "unblocked" if number % 2 else "accelerated", 3, whole.web_release)
    page = markup(whole.cast.otto, "/products/web/")
    graph = page[
        page.index('<svg class="chart flow"') : page.index("</svg> </div>") if "</svg> </div>" in page else None
    ]
    assert "5 pieces of work" in graph
    assert "5 confirmed" in graph
    assert "1 effect of that work" in graph
    assert "More than eight links are drawn by kind" in page
    assert all(f"Work {number}" in page[page.index('id="en-given"') :] for number in range(8))


def test_a_circle_of_help_draws_and_adds_up(whole: WholeExample) -> None:
    tokens = make_feature(whole.cast.emil, whole.design, title="Tokens")
    ship(whole.design, "Tokens", tokens)
    whole.help(whole.web, tokens, "accelerated", 9)
    settle()
    assert "+5.2 pts" in section(whole.cast.otto, "/products/web/", "credited")
    assert "+4.0 pts" in section(whole.cast.otto, "/products/design/", "credited")
    assert "handed down to Tokens" in markup(whole.cast.otto, "/products/web/")


def test_a_product_without_credit_says_what_is_missing(whole: WholeExample) -> None:
    empty = section(whole.cast.paula, "/products/switchyard/", "credited")
    assert "Switchyard is credited with nothing in" in empty
    assert "No effect is not an effect of 0." in empty
    assert "Nobody said yet what Switchyard made possible." in markup(whole.cast.paula, "/products/switchyard/")
    alone = make_feature(whole.cast.emil, whole.cast.checkout, title="Alone")
    whole.help(whole.cast.switchyard, alone, "unblocked")
    page = markup(whole.cast.paula, "/products/switchyard/")
    assert "No release that carries Alone is live yet." in page
    assert "No effect is known of work that Switchyard helped." in page


def test_the_evidence_page_does_the_split_in_words_and_numbers(whole: WholeExample) -> None:
    share = section(whole.cast.otto, f"/enablements/{whole.faster.key}/", "share")
    assert "Web is given +6.7 pts of Happiness after Bulk booking, 95% interval +4.1 to +9.3." in share
    assert "T = 90 working days; k = 1: 1 team unblocked it; A = 18 ÷ 90 = 0.2." in share
    assert "Checkout built it (1 − 0.2) ÷ (1 + 1) + 0.2 ÷ (1 + 2) 0.4667" in share
    assert "unblocked it, with Payments (1 − 0.2) ÷ (1 + 1) + 0.2 ÷ (1 + 2) 0.4667" in share
    assert "Web by this enablement saved 18 working days (18 ÷ 90) ÷ (1 + 2) 0.0667" in share
    assert "+100 pts +60.8 to +139 +46.7 pts +28.4 to +65.0 +6.7 pts +4.1 to +9.3" in share


def test_the_evidence_page_follows_what_is_handed_down_and_says_what_is_assumed(whole: WholeExample) -> None:
    handed = section(whole.cast.otto, f"/enablements/{whole.onward.key}/", "share")
    assert "Design is given +1.7 pts of Happiness handed down to Grid." in handed
    assert "saved 45 working days (45 ÷ 90) ÷ (0 + 2) 0.25" in handed
    assert "+6.7 pts handed down by what it helped +5.0 pts +1.7 pts" in handed
    assumed = section(whole.cast.otto, f"/enablements/{whole.assumed.key}/", "share")
    assert "saved 9 working days, assumed" in assumed
    assert "Days marked assumed were said by nobody" in assumed


def test_the_evidence_page_says_why_there_is_no_share(whole: WholeExample) -> None:
    ask_again(whole.unblocked, whole.cast.emil)
    settle()
    share = section(whole.cast.otto, f"/enablements/{whole.unblocked.key}/", "share")
    assert "It is given no share of an effect Claimed only" in share
    page = markup(whole.cast.otto, f"/enablements/{whole.unblocked.key}/")
    assert "would make it Confirmed" in page


def test_the_evidence_page_has_the_records_of_both_ends_in_order(whole: WholeExample) -> None:
    page = markup(whole.cast.otto, f"/enablements/{whole.faster.key}/")
    records = " ".join(TAGS.sub(" ", page[page.index("stand behind it") : page.index('id="share"')]).split())
    told = [
        f"sent that {whole.web_release.key} is live",
        f"sent that {whole.release.key} is live",
        f"read {whole.release.key}",
    ]
    assert all(one in records for one in [*told, f"wrote down {whole.booking.key}"])
    assert records.index(told[1]) < records.index(told[2])


def test_whoever_is_not_signed_in_reads_nothing(whole: WholeExample) -> None:
    for address in ("/products/web/", f"/enablements/{whole.faster.key}/"):
        assert Client().get(address).status_code == 302


def test_much_credit_costs_as_many_statements_as_little(whole: WholeExample) -> None:
    addresses = ["/products/web/", "/products/checkout/", f"/enablements/{whole.faster.key}/"]
    client = client_of(whole.cast.otto)

    def costs() -> list[int]:
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as statements:
                client.get(address, headers={"cache-control": "no-cache"})
            found.append(len(statements))
        return found

    few = costs()
    for number in range(4):
        kpi = make_kpi(whole.cast.checkout, f"kpi-{number}", "mean")
        read(whole.release, kpi, 10, 2)
        product = make_product(f"helper-{number}", "I")
        own(make_team(f"helper-{number}"), product)
        whole.help(product, whole.booking, "accelerated", 3)
        other = make_feature(whole.cast.emil, whole.cast.checkout, title=f"Other {number}")
        read(ship(whole.cast.checkout, f"other-{number}", other), kpi, 5, 1)
        whole.help(whole.web, other, "accelerated", 4, whole.web_release)
    settle()
    assert costs() == few


def test_a_refused_split_says_why_and_leaves_all_with_the_builder(whole: WholeExample) -> None:
    for number in range(4):
        product = make_product(f"helper-{number}", "I")
        own(make_team(f"helper-{number}"), product)
        whole.help(product, whole.booking, "unblocked")
    settle()
    share = section(whole.cast.otto, f"/enablements/{whole.unblocked.key}/", "share")
    assert "It is given no share of an effect 5 teams are named as having unblocked this release" in share
    assert "name the 4 that mattered most. Until then all of it stays with the builder." in share


def test_an_external_product_that_helped_is_shown_as_a_helper(whole: WholeExample) -> None:
    finder = make_feature(whole.cast.emil, whole.search, title="Seats")
    read(ship(whole.search, "Seats", finder), whole.kpi, 40, 8)
    thanks(whole.cast.otto, finder, whole.cast.checkout, "accelerated", (9, 9), None)
    settle()
    page = markup(whole.cast.otto, "/products/checkout/")
    assert "Work of others that Checkout helped: 1 of 1 is confirmed or measured" in page
    assert "Seats" in section(whole.cast.otto, "/products/checkout/", "assisted")
    assert "1 own release; 1 enablement for 1 release" in section(whole.cast.otto, "/products/checkout/", "credited")


def test_many_kpis_are_folded_and_none_is_lost(whole: WholeExample) -> None:
    for number in range(13):
        read(whole.release, make_kpi(whole.cast.checkout, f"kpi-{number}", "mean"), 10, 2)
    settle()
    credited = section(whole.cast.otto, "/products/web/", "credited")
    assert "Credited: for 14 KPIs" in credited
    assert "2 more KPIs" in credited
    assert credited.count("all from others") == 14
