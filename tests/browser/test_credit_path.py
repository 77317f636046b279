"""From a claim to credit in a browser: a PM claims, a letter asks, one screen answers, and the product's page and the API tell it."""

from typing import Any

import pytest
from playwright.sync_api import expect

from metrics.models import Credit
from tests.browser.test_enablements import Open, newest_link
from tests.conftest import Cast
from tests.credit.scene import read, settle, ship
from tests.enablement.scene import Scene, set_scene
from tests.factories import make_kpi

pytestmark = pytest.mark.browser
ANSWER = ["ArrowDown", "ArrowDown", "Enter"]  # from the moment the page stands
READ = "async address => (await fetch(address)).json()"


@pytest.fixture
def scene(transactional_db: None, cast: Cast) -> Scene:
    """Both ends of the help, and the effect of the helped work: +100 ± 20."""
    made = set_scene(cast)
    read(ship(cast.checkout, "Bulk booking", made.feature), make_kpi(cast.checkout, "happiness", "mean"), 100, 20)
    settle()
    return made


def test_a_claim_is_confirmed_with_four_keys_and_no_click_and_its_credit_stands_in_graph_totals_and_on_the_leads_page(
    scene: Scene, open_window: Open, settings: Any
) -> None:
    paula, emil = open_window(scene.cast.paula), open_window(None)
    paula.go(f"/enablements/new/?release={scene.release.key}&feature={scene.feature.key}")
    paula.page.get_by_label("It made it faster").check()
    paula.page.get_by_label("between").fill("9")
    paula.page.get_by_label("and", exact=True).fill("9")
    paula.page.get_by_role("button", name="Ask them").click()
    assert paula.page.evaluate(READ, "/api/v1/credit?product=switchyard")["items"] == [], "a claim moves nothing"

    emil.go(newest_link(settings))
    expect(emil.page.locator("main")).to_contain_text("Did Staged rollout of Switchyard help with Bulk booking?")
    place = emil.page.get_by_role("button", name="Send the answer").bounding_box()
    assert place is not None
    assert place["y"] + place["height"] <= 900, "question, answers and button stand on one screen"
    emil.page.wait_for_selector("[name=verdict]:focus")
    assert len(ANSWER) <= 4
    for key in ANSWER:
        emil.page.keyboard.press(key)
    emil.page.wait_for_url("**/answer/noted/")
    settle()

    paula.go("/products/switchyard/")
    assert "confirmed" in paula.page.inner_text("#enablements").lower()
    graph = paula.page.locator("svg.flow").text_content() or ""
    assert all(words in graph for words in ("Staged rollout", "Accelerated", "Bulk booking", "+100")), graph
    (row,) = paula.page.evaluate(READ, "/api/v1/credit?product=switchyard")["items"]
    assert row["credited"] == pytest.approx(5.0)  # 9 of 90 days are a tenth, of which it gets half
    assert (row["kpi"], row["n"], row["own_effect"]) == ("happiness", 0, None)
    assert sum(Credit.objects.values_list("credited", flat=True)) == pytest.approx(100)
    (total,) = paula.page.evaluate(READ, "/api/v1/credit/totals?team=platform")["items"]
    assert (total["kpi"], total["credited"]) == ("happiness", pytest.approx(5.0))
    paula.go("/impact/?team=platform")
    expect(paula.page.locator("main")).to_contain_text("Internal: 1 of 1 benefit is backed")
    row_of_lead = " ".join(paula.page.inner_text("#t-I tbody tr").split())
    assert row_of_lead.startswith("Staged rollout → helped Bulk booking"), row_of_lead
    assert "9 days Confirmed" in row_of_lead
    assert [*paula.messages, *emil.messages] == []
