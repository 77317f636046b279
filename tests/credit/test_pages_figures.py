"""The figures behind the pages of credit: they equal the rows of the worked example, and nothing is lost between them."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import AnonymousUser

from metrics.models import Credit, Enablement, Estimate
from metrics.queries.credits_kept import CreditedQuarter, CreditedTable, credited_table
from metrics.queries.credits_shares import Came, came_of
from metrics.queries.enablement_rows import row_of
from metrics.queries.periods import read_period
from products.models import Product
from tests.credit.scene import LIVE, WholeExample, ask_again, read, settle, ship
from tests.factories import NOW, make_feature, make_kpi, make_product, make_team, own

pytestmark = pytest.mark.django_db
EXACTLY = {"rel": 1e-9}


def table(whole: WholeExample, product: Product) -> CreditedTable:
    """A product's credit."""
    return credited_table(whole.cast.otto, product.slug, period=read_period("", "", today=NOW.date()))


def quarter(whole: WholeExample, product: Product) -> CreditedQuarter:
    """Its only KPI and quarter."""
    ((only,),) = (kpi.quarters for kpi in table(whole, product).kpis)
    return only


def what_came(whole: WholeExample, enablement: Enablement) -> Came:
    """What one enablement came to."""
    row = Enablement.objects.select_related().get(pk=enablement.pk)
    return came_of(whole.cast.otto, [row_of(row)])[enablement.pk]


def test_credit_on_pages_is_that_of_the_worked_example(whole: WholeExample) -> None:
    wanted = {
        whole.cast.checkout: 140 / 3, whole.payments: 140 / 3, whole.web: 5.0, whole.design: 25 / 6, whole.search: 47.5,
    }  # fmt: skip
    shown = {product: quarter(whole, product) for product in wanted}
    assert {product: one.credited for product, one in shown.items()} == pytest.approx(wanted, **EXACTLY)
    assert sum(one.credited for one in shown.values()) == pytest.approx(150)
    assert shown[whole.design].error == pytest.approx(0.601, abs=5e-4)
    assert shown[whole.cast.checkout].text == "+46.7 pts"
    assert shown[whole.cast.checkout].interval_text == "+28.4 to +65.0"


def test_what_reaches_a_product_is_kept_or_passed_on_to_somebody_named(whole: WholeExample) -> None:
    checkout, web = quarter(whole, whole.cast.checkout), quarter(whole, whole.web)
    assert [(one.name, one.text) for one in checkout.passed] == [("Payments", "+46.7 pts"), ("Web", "+6.7 pts")]
    assert (checkout.reached_text, checkout.own_text, checkout.passed_text) == (
        "+100 pts",
        "all its own",
        "+53.3 pts",
    )
    assert (web.own, web.own_text, web.reached_text) == (None, "all from others", "+6.7 pts")
    assert [(one.name, one.text) for one in web.passed] == [("Design", "+1.7 pts")]
    for product in Product.objects.all():
        for kpi in table(whole, product).kpis:
            for one in kpi.quarters:
                assert one.credited + sum(part.value for part in one.passed) == pytest.approx(one.reached)


def test_what_arrives_is_what_enablements_came_to(whole: WholeExample) -> None:
    taken = [*what_came(whole, whole.onward).taken, *what_came(whole, whole.assumed).taken]
    assert sum(one.value for one in taken) == pytest.approx(Credit.objects.get(product=whole.design).throughput)
    handed, direct = taken
    assert (handed.of_own, handed.text, handed.of_text) == (None, "+1.7 pts", "of +6.7 pts handed down")
    assert (direct.text, direct.of_text, direct.is_assumed) == ("+2.5 pts", "of +50.0 pts", True)
    assert direct.interval_text == "+1.5 to +3.5"


def test_it_says_what_its_credit_rests_on(whole: WholeExample) -> None:
    assert quarter(whole, whole.cast.checkout).n_text == "1 own release"
    assert quarter(whole, whole.design).n_text == "2 enablements for 2 releases"


def test_quarters_of_one_kpi_are_added_up_and_kpis_never(whole: WholeExample) -> None:
    checkout = whole.cast.checkout
    before = ship(checkout, "Before", live=LIVE - timedelta(days=100))
    read(before, whole.kpi, 7, 3, live_on=(LIVE - timedelta(days=100)).date())
    read(whole.release, make_kpi(checkout, "speed", "mean"), -30, 5)
    settle()
    happiness, speed = table(whole, checkout).kpis
    assert [round(one.credited, 3) for one in happiness.quarters] == [46.667, 7]
    assert all(one.quarter > other.quarter for one, other in pairwise(happiness.quarters))
    assert (happiness.total_text, happiness.total_interval_text) == ("+53.7 pts", "+34.5 to +72.9")
    assert speed.total_text == ""


def test_a_circle_of_help_is_shown_and_ends(whole: WholeExample) -> None:
    tokens = make_feature(whole.cast.emil, whole.design, title="Tokens")
    ship(whole.design, "Tokens", tokens)
    back = whole.help(whole.web, tokens, "accelerated", 9)
    settle()
    web = quarter(whole, whole.web)
    assert web.credited == pytest.approx(5.15823, abs=1e-4)
    assert web.credited + sum(one.value for one in web.passed) == pytest.approx(web.reached)
    (handed,) = what_came(whole, back).handed
    assert handed.value > 0


def test_days_that_two_enablements_saved_are_one_share(whole: WholeExample) -> None:
    also = whole.help(whole.web, whole.booking, "accelerated", 9)
    settle()
    (one,), (other,) = what_came(whole, whole.faster).taken, what_came(whole, also).taken
    assert one.value == other.value == pytest.approx(100 * 0.3 / 3)
    assert one.together_text == f"together with E-{also.pk}"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"word": "withdrawn", "words": "Withdrawn", "is_struck": True}, "Bulk booking was rolled back, so its effect is withdrawn."),
        ({"word": "too_early", "words": "Too early", "is_early": True}, "Too early: the window of Bulk booking is not over"),
        ({"form": "count", "level": None}, "The size of the effect in the unit of Happiness is not known"),
    ],
)  # fmt: skip
def test_an_effect_that_is_not_split_says_why(whole: WholeExample, changed: dict[str, object], words: str) -> None:
    Estimate.objects.filter(pk=whole.estimate.pk).update(**changed)
    settle()
    came = what_came(whole, whole.unblocked)
    assert came.taken == ()
    assert words in came.why_none


def test_an_enablement_without_a_share_says_why(whole: WholeExample) -> None:
    unsized = whole.help(whole.design, whole.booking, "accelerated")
    alone = whole.help(whole.design, make_feature(whole.cast.emil, whole.cast.checkout, title="Alone"), "unblocked")
    quiet = make_feature(whole.cast.emil, whole.cast.checkout, title="Quiet")
    ship(whole.cast.checkout, "Quiet", quiet)
    unread = whole.help(whole.design, quiet, "unblocked")
    second = make_product("ledger", "I")
    own(whole.payments.ownerships.get().team, second)
    besides = whole.help(second, whole.booking, "accelerated", 5)
    ask_again(whole.faster, whole.cast.emil)
    settle()
    found = {
        "It saved days that nobody counted": unsized,
        "No release that carries Alone is live yet": alone,
        "No KPI was named for the releases that carry Quiet": unread,
        "Its team unblocked the release with other work": besides,
        "Claimed only": whole.faster,
    }
    for words, enablement in found.items():
        assert words in what_came(whole, enablement).why_none, words


def test_a_fifth_unblocking_team_is_told_in_words(whole: WholeExample) -> None:
    for number in range(4):
        product = make_product(f"helper-{number}", "I")
        own(make_team(f"helper-{number}"), product)
        whole.help(product, whole.booking, "unblocked")
    settle()
    assert "name the 4 that mattered most. Until then all of it stays" in what_came(whole, whole.unblocked).why_none


def test_a_product_that_continues_another_is_not_its_helper(whole: WholeExample) -> None:
    whole.cast.checkout.continues = whole.web
    whole.cast.checkout.save()
    Enablement.objects.filter(pk=whole.unblocked.pk).delete()
    settle()
    assert "continues the other" in what_came(whole, whole.faster).why_none


def test_who_is_not_known_reads_no_credit(whole: WholeExample) -> None:
    nobody, period = AnonymousUser(), read_period("", "", today=NOW.date())
    assert credited_table(nobody, "checkout", period=period).kpis == ()
    came = came_of(nobody, [row_of(Enablement.objects.get(pk=whole.faster.pk))])[whole.faster.pk]
    assert (came.outcomes, came.taken) == ((), ())
    whole.cast.otto.is_active = False
    assert credited_table(whole.cast.otto, "checkout", period=period).kpis == ()
