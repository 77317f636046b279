"""Guards against gaming: four unblocking teams at most, every answer on record, and a claim over half of a credit shown to leads."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from metrics.models import Credit, Enablement
from metrics.services.answers import give_answer
from metrics.services.credit_check import check_credit
from metrics.services.enablements import claim
from products.models import AuditEntry, Product, Team, User
from tests.api.client import Api
from tests.conftest import Cast
from tests.credit.scene import Example, credits, read, settle, ship, thanks
from tests.enablement.scene import Scene, answer, figures, set_scene
from tests.factories import NOW, assign, join, make_feature, make_product, make_team, make_token, make_user, own

pytestmark = pytest.mark.django_db
REFUSED = "4 teams are named as having removed a wait for this work already: "


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return set_scene(cast)


def tool(cast: Cast, number: int) -> Product:
    """A product of a team of its own that Paula speaks for."""
    product = make_product(f"tool-{number}", "I")
    own(make_team(f"team-{number}"), product)
    assign(cast.paula, product)
    return product


def unblocked(scene: Scene, product: Product) -> Enablement:
    """Paula claims that a product unblocked Bulk booking; Emil is asked."""
    said = scene.help(product=product, release=None, figures=figures("unblocked"))
    return claim(help=said, asked=scene.cast.emil, by=scene.cast.paula, now=datetime.now(UTC)).enablement


@pytest.fixture
def four(scene: Scene) -> list[Enablement]:
    """Five teams unblocked Bulk booking, of which four are confirmed."""
    rows = [unblocked(scene, tool(scene.cast, number)) for number in range(5)]
    for row in rows[:4]:
        give_answer(enablement=row, answer=answer("unblocked"), by=scene.cast.emil, now=datetime.now(UTC))
    return rows


def page_of(user: User, address: str, data: dict[str, str] | None = None) -> str:
    """What a page shows, as one line."""
    client = Client()
    client.force_login(user)
    response = client.post(address, data) if data else client.get(address)
    return " ".join(response.content.decode().split())


def test_a_fifth_unblocking_team_is_refused_where_its_page_answers_and_nothing_typed_is_lost(
    scene: Scene, four: list[Enablement]
) -> None:
    said = {"verdict": "unblocked", "words": "The cut-over came late.", "version": "1"}
    shown = page_of(scene.cast.emil, f"/enablements/{four[4].key}/answer/", said)
    assert REFUSED + f"Team 0 ({four[0].key}), Team 1" in shown
    assert "Name those that mattered most" in shown
    assert "The cut-over came late." in shown
    four[4].refresh_from_db()
    assert (four[4].state, four[4].steps.count()) == ("claimed", 1)


def test_a_fifth_unblocking_team_is_refused_over_rest_and_may_still_have_made_it_faster(
    cast: Cast, four: list[Enablement]
) -> None:
    emil = Api(make_token(cast.emil, product=cast.checkout, scopes=["read", "enablement:write"]))
    address = f"enablements/{four[4].key}/answer"
    refused = emil.post(address, {"verdict": "unblocked"})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:pmtrack:problem:too-many-unblockers")
    assert refused.json()["detail"].startswith(REFUSED)
    assert refused.json()["errors"][0]["pointer"] == "/kind"
    assert emil.post(address, {"verdict": "accelerated", "days_low": 1, "days_high": 2}).status_code == 200


def test_a_fifth_unblocking_team_is_refused_when_it_claims_on_its_page_and_over_rest(
    scene: Scene, four: list[Enablement]
) -> None:
    cast, sixth = scene.cast, tool(scene.cast, 6)
    typed = {
        "helper": sixth.slug,
        "feature": scene.feature.key,
        "kind": "unblocked",
        "statement": "Nobody could start.",
    }
    shown = page_of(cast.paula, "/enablements/new/", typed)
    assert REFUSED in shown
    assert "Nobody could start." in shown
    paula = Api(make_token(cast.paula, product=sixth, scopes=["read", "enablement:write"]))
    body = {"product": sixth.slug, "feature": scene.feature.key, "kind": "unblocked"}
    refused = paula.post("enablements", body)
    assert (refused.status_code, refused.json()["detail"].startswith(REFUSED)) == (422, True)
    assert not Enablement.objects.filter(upstream_product=sixth).exists()


@pytest.mark.parametrize(
    ("given", "deed"),
    [
        (answer("accelerated", 4, 9), "confirmed"),
        (answer("accelerated", 2, 3), "adjusted"),
        (answer("no"), "disputed"),
        (answer("unknown"), "did_not_know"),
    ],
)
def test_every_answer_is_in_the_audit(scene: Scene, given: Any, deed: str) -> None:
    row = scene.claim(now=datetime.now(UTC))
    give_answer(enablement=row, answer=given, by=scene.cast.emil, now=datetime.now(UTC))
    assert row.steps.order_by("-pk")[0].deed == deed
    told = AuditEntry.objects.filter(topic="enablement", subject_id=row.pk)
    assert [one.deed for one in told.order_by("pk")] == ["added", "changed"]


def test_a_claim_over_half_of_a_credit_is_shown_to_leads_of_either_side_with_its_numbers(cast: Cast) -> None:
    made = Example(cast)
    settle()
    lead = make_user("Wanda")
    join(lead, Team.objects.get(slug="web"), "lead")
    shown = page_of(lead, "/enablements/")
    assert "One claim is more than half of a credit" in shown
    assert f"{made.faster.key}</a> Web for Checkout" in shown
    assert "+5.00 of +5.00" in shown
    assert made.faster.key in page_of(cast.lena, "/enablements/")
    for reader in (cast.emil, cast.paula, cast.otto, cast.admin):
        assert "more than half" not in page_of(reader, "/enablements/")


def test_of_three_equal_claims_none_is_shown(cast: Cast) -> None:
    made = Example(cast)
    for name in ("Second", "Third"):
        feature = make_feature(cast.emil, cast.checkout, title=name)
        read(ship(cast.checkout, name, feature), made.kpi, 100, 20)
        thanks(cast.emil, feature, made.web, "accelerated", (12, 12), None)
    settle()
    shown = page_of(cast.lena, "/enablements/")
    assert "More than half of what Payments is credited with" in shown
    assert "More than half of what Web is credited with" not in shown


def test_help_for_work_without_a_release_or_without_a_kpi_brings_nothing_and_breaks_nothing(cast: Cast) -> None:
    made = Example(cast)
    unreleased, unmeasured = (make_feature(cast.emil, cast.checkout, title=name) for name in ("Drawn", "Shipped"))
    ship(cast.checkout, "Shipped", unmeasured)
    dock = make_product("dock", "I")
    for feature in (unreleased, unmeasured):
        thanks(cast.emil, feature, dock, "unblocked", None, None)
    settle()
    assert not Credit.objects.filter(product=dock).exists()
    assert Credit.objects.filter(kpi=made.kpi).aggregate(Sum("credited"))["credited__sum"] == pytest.approx(100)
    assert check_credit(now=NOW) == []


def test_people_who_leave_take_no_credit_with_them(cast: Cast) -> None:
    Example(cast)
    settle()
    before = credits()
    User.objects.filter(pk=cast.emil.pk).update(is_active=False)
    settle()
    assert credits() == before
    assert check_credit(now=NOW) == []
