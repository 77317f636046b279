"""Naming KPIs in the browser: suggestions, the smallest effect, versions, refusals in words, and who may."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Commitment
from tests.conftest import Cast
from tests.factories import expose, make_commitment, make_days, make_feature, make_kpi, make_product, make_release
from tests.journeys.forms import send
from tests.journeys.test_pages import signed_in, text_of
from tests.metrics.test_naming import noise

pytestmark = pytest.mark.django_db
LATELY = datetime.now(UTC) - timedelta(days=30)


@pytest.mark.parametrize(
    ("who", "writes"), [("otto", 403), ("paula", 403), ("emil", 200), ("lena", 200), ("admin", 403)]
)
@pytest.mark.parametrize("of", ["feature", "release"])
def test_everybody_reads_what_should_change_and_the_owning_team_names_it(
    cast: Cast, who: str, writes: int, of: str
) -> None:
    make_kpi(cast.checkout, "orders")
    subject = make_feature(cast.emil, cast.checkout) if of == "feature" else make_release(cast.checkout, "2.0")
    own = f"/{of}s/{subject.key}/"
    client = signed_in(getattr(cast, who))
    page = text_of(client.get(own))
    assert "What should change: No KPI is named" in page
    assert ("Name a KPI" in page) == (writes == 200)
    assert [client.get(f"{own}kpis/{end}").status_code for end in ("", "orders/")] == [writes, writes]
    assert client.post(f"{own}kpis/orders/take-back/").status_code == (303 if writes == 200 else 403)


@pytest.mark.parametrize(
    "path", ["/features/W-999/kpis/", "/releases/R-99999999999999999999/kpis/", "kpis/nothing/", "kpis/?kpi=%00"]
)
def test_what_is_not_there_is_not_found(cast: Cast, path: str) -> None:
    own = f"/features/{make_feature(cast.emil, cast.checkout).key}/"
    response = signed_in(cast.emil).get(path if path.startswith("/") else own + path)
    assert response.status_code == 404


def test_the_intent_suggests_kpis_and_each_shows_what_it_could_detect(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout, intent="earns")
    make_kpi(cast.checkout, "churn", family="churn")
    revenue = make_kpi(cast.checkout, "revenue", family="revenue", currency="EUR", unit="EUR")
    make_days(revenue, datetime.now(UTC).date(), noise(450))
    make_kpi(make_product("search", "E"), "searches")
    page = text_of(signed_in(cast.emil).get(f"/features/{feature.key}/kpis/"))
    assert page.index("Revenue suggested: it earns") < page.index("Churn")
    assert "%, that is €" in page
    assert "Nobody has sent a reading yet." in page
    assert "Searches" in page.split("A KPI of another product")[1]


def test_a_kpi_is_named_in_per_cent_and_told_with_its_versions(cast: Cast) -> None:
    feature, client = make_feature(cast.emil, cast.checkout), signed_in(cast.emil)
    make_kpi(cast.checkout, "orders")
    make_kpi(make_product("search", "E"), "searches")
    path = f"/features/{feature.key}/kpis/orders/"
    said = {"direction": "rise", "is_main": "on", "expected_change": "5", "control_1": "searches"}
    assert send(client, path, **said).status_code == 303
    held = Commitment.objects.get()
    assert (held.expected_change, held.is_main, held.control_count) == (Decimal("0.05"), True, 1)
    assert send(client, path, expected_change="2.5", roll_out_days="3").status_code == 303
    page = text_of(client.get(f"/features/{feature.key}/"))
    assert "1 KPI named, Orders above all" in page
    assert "Rises by 2.5 %, read over 14 days, everybody has it after 3 days" in page
    assert "cannot be said: no reading has arrived yet" in page
    assert "Version 1 · Rises by 5 %, read over 14 days" in page
    client.post(f"{path}take-back/", {"version": "2"})
    assert "Taken back: Rises by 2.5 %" in text_of(client.get(f"/features/{feature.key}/"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"direction": "up"}, "Choose what is to happen."),
        ({"expected_change": "much"}, "Write a number like 0.44 or 117000."),
        ({"expected_change": "-3"}, "Write how large the change is to be, without a sign."),
        ({"window_days": "10"}, "Choose 7, 14 or 28 days."),
        ({"roll_out_days": "-1"}, "A roll-out takes 0 days at least."),
        ({"roll_out_days": "61"}, "A roll-out takes 60 days at most."),
        ({"control_1": "orders"}, "Choose a control from the list"),
        ({"control_1": "weekly"}, "Choose a control from the list"),
        ({"control_1": "japan"}, "Choose a control from the list"),
        ({"control_1": "searches", "control_2": "searches"}, "A control is named once."),
        ({"direction": "stay", "is_main": "on"}, "Orders is a guardrail: it is to stay."),
        ({"is_main": "on"}, "Revenue is the main KPI of W-"),
    ],
)
def test_bad_words_are_refused_at_their_field_and_kept(cast: Cast, typed: dict[str, str], words: str) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    make_kpi(cast.checkout, "orders")
    make_commitment(cast.emil, feature, make_kpi(cast.checkout, "revenue"), is_main=True)
    other = make_product("search", "E")
    make_kpi(other, "searches")
    make_kpi(other, "weekly", cadence="week")
    make_kpi(make_product("search-japan", "E", time_zone="Asia/Tokyo"), "japan")
    path = f"/features/{feature.key}/kpis/orders/"
    response = send(signed_in(cast.emil), path, **{"direction": "rise", "roll_out_days": "5", **typed})
    assert response.status_code == 422
    assert response.content.decode().count(words) == 2
    assert Commitment.objects.count() == 1


def test_two_people_at_one_form_are_told_and_nothing_is_lost(cast: Cast) -> None:
    feature, kpi = make_feature(cast.emil, cast.checkout), make_kpi(cast.checkout, "orders")
    make_commitment(cast.lena, feature, kpi)
    typed = {"direction": "fall", "version": "0", "window_days": "28", "roll_out_days": "0"}
    response = signed_in(cast.emil).post(f"/features/{feature.key}/kpis/orders/", typed)
    assert response.status_code == 409
    page = text_of(response)
    assert "Lena named Orders for W-" in page
    assert "It falls" in page


def test_a_release_tells_what_was_locked_and_what_was_named_afterwards(cast: Cast) -> None:
    feature, orders = make_feature(cast.emil, cast.checkout), make_kpi(cast.checkout, "orders")
    make_commitment(cast.emil, feature, orders, is_main=True, declared_at=LATELY)
    release = make_release(cast.checkout, "2.0", feature_keys=[feature.key])
    expose(release, LATELY + timedelta(days=2))
    client = signed_in(cast.emil)
    make_kpi(cast.checkout, "revenue")
    send(client, f"/releases/{release.key}/kpis/revenue/", direction="rise")
    page = text_of(client.get(f"/releases/{release.key}/"))
    assert "2 KPIs named, Orders above all" in page
    assert "named by W-" in page
    assert "locked on" in page
    assert "1 KPI named afterwards: whoever named it could look first." in page
    send(client, f"/features/{feature.key}/kpis/orders/", window_days="28")
    page = text_of(client.get(f"/releases/{release.key}/"))
    assert "Rises, read over 14 days Main KPI" in page
    assert "Version 2 · Rises, read over 28 days" in page
    assert "said afterwards" in page


def test_looking_at_controls_names_nothing(cast: Cast) -> None:
    feature, orders = make_feature(cast.emil, cast.checkout), make_kpi(cast.checkout, "orders")
    make_days(orders, datetime.now(UTC).date(), noise(450))
    searches = make_kpi(make_product("search", "E"), "searches")
    make_days(searches, datetime.now(UTC).date(), noise(450, seed=2))
    page = text_of(signed_in(cast.emil).get(f"/features/{feature.key}/kpis/orders/?control=searches"))
    assert "from the KPI’s own past beside Searches" in page
    assert page.count("%, that is") == 3
    assert not Commitment.objects.exists()


def test_the_pages_cost_the_same_however_much_is_named(cast: Cast) -> None:
    client = signed_in(cast.emil)
    counts = []
    for number in (1, 8):
        feature = make_feature(cast.emil, cast.checkout)
        release = make_release(cast.checkout, f"{number}.0", feature_keys=[feature.key])
        for step in range(number):
            make_commitment(cast.emil, feature, make_kpi(cast.checkout, f"kpi-{number}-{step}"))
        for path in (f"/features/{feature.key}/", f"/features/{feature.key}/kpis/", f"/releases/{release.key}/"):
            with CaptureQueriesContext(
                connection,
            ) as ran:
                assert client.get(path).status_code == 200
            counts.append(len(ran))
    assert counts[:3] == counts[3:]
