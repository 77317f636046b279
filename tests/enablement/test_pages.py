"""Pages of enablements: claim, thank, answer, and everything that is done afterwards, as people see it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics.models import Enablement
from metrics.queries.answerers import Work
from metrics.services.answers import give_answer
from metrics.services.enablements import thank
from products.models import User
from tests.enablement.scene import Scene, answer, use
from tests.factories import join, make_feature, make_user

CLAIM = {"kind": "accelerated", "days_low": "4", "days_high": "9", "statement": "Rolled out by country."}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, address: str, **data: str) -> str:
    """The page at the end of all redirects, as one line."""
    response = client.post(address, data, follow=True) if data else client.get(address)
    return " ".join(response.content.decode().split())


def test_a_pm_claims_and_whoever_was_helped_answers_and_both_read_the_chain(scene: Scene) -> None:
    cast = scene.cast
    paula, emil = client_of(cast.paula), client_of(cast.emil)
    asked = text(paula, "/enablements/new/", helper=scene.release.key, feature=scene.feature.key, **CLAIM)
    assert "Emil is asked and has two weeks." in asked
    row = Enablement.objects.get()
    assert "One answer of yours is waited for" in text(emil, "/feedback/")
    assert "Did Staged rollout of Switchyard help with Bulk booking?" in text(emil, f"/enablements/{row.key}/answer/")
    noted = text(
        emil,
        f"/enablements/{row.key}/answer/",
        verdict="accelerated",
        days_low="2",
        days_high="3",
        words="A day or two.",
        version="1",
    )
    assert "Noted. Thank you" in noted
    page = text(paula, f"/enablements/{row.key}/")
    assert (
        "Staged rollout of Switchyard helped with Bulk booking: it made it faster by 2 to 3 working days. Emil says so"
        in page
    )
    assert "claimed it and asked Emil" in page
    assert "A day or two." in page
    assert "is waited for" not in text(emil, "/feedback/")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"verdict": ""}, "Choose one of the five."),
        ({"verdict": "accelerated", "days_low": "9", "days_high": "4"}, "It is turned now"),
        ({"verdict": "accelerated", "days_low": "four"}, "Write a number like 4 or 2.5."),
        ({"verdict": "accelerated", "days_low": "-1"}, "not negative"),
        ({"verdict": "accelerated", "days_high": "91"}, "At most 90"),
        ({"verdict": "unblocked", "days_low": "1e999999"}, "At most 90"),
    ],
)
def test_a_bad_answer_is_told_in_words_and_kept(scene: Scene, given: dict[str, str], words: str) -> None:
    row, emil = scene.claim(now=datetime.now(UTC)), client_of(scene.cast.emil)
    response = emil.post(f"/enablements/{row.key}/answer/", {"words": "Hm.", "version": "1", **given})
    assert response.status_code == 422
    shown = response.content.decode()
    assert words in shown
    assert "Hm." in shown
    row.refresh_from_db()
    assert row.state == "claimed"


def test_a_reversed_range_is_turned_so_that_sending_again_is_enough(scene: Scene) -> None:
    row, emil = scene.claim(now=datetime.now(UTC)), client_of(scene.cast.emil)
    response = emil.post(f"/enablements/{row.key}/answer/", {"verdict": "unblocked", "days_low": "9", "days_high": "4"})
    form = response.context["form"]
    assert (form["days_low"].value(), form["days_high"].value()) == ("4", "9")


def test_an_answer_to_a_question_that_changed_is_a_conflict(scene: Scene) -> None:
    row, emil = scene.claim(now=datetime.now(UTC)), client_of(scene.cast.emil)
    response = emil.post(f"/enablements/{row.key}/answer/", {"verdict": "no", "version": "7"})
    assert response.status_code == 409
    assert "was changed since you opened it" in response.content.decode()


def test_others_are_told_who_is_asked(scene: Scene) -> None:
    row = scene.claim(now=datetime.now(UTC))
    for stranger in (scene.cast.paula, scene.cast.lena, scene.cast.otto):
        response = client_of(stranger).get(f"/enablements/{row.key}/answer/")
        assert response.status_code == 403
        assert "Emil is asked, nobody else" in response.content.decode()


def test_an_answered_question_leads_to_its_page_and_can_be_opened_again(scene: Scene) -> None:
    cast, now = scene.cast, datetime.now(UTC)
    row = scene.claim(now=now)
    give_answer(enablement=row, answer=answer("no", words="We never used it."), by=cast.emil, now=now)
    emil, paula = client_of(cast.emil), client_of(cast.paula)
    assert emil.get(f"/enablements/{row.key}/answer/").status_code == 302
    assert "Say why it is opened again" in text(paula, f"/enablements/{row.key}/reopen/", words=" ")
    assert "Emil is asked" in text(paula, f"/enablements/{row.key}/reopen/", words="The log shows it.")
    assert "opened it again and asked Emil" in text(emil, f"/enablements/{row.key}/")
    assert client_of(cast.otto).get(f"/enablements/{row.key}/reopen/").status_code == 403


def test_the_question_is_handed_on_by_its_page(scene: Scene) -> None:
    cast = scene.cast
    row, emil = scene.claim(now=datetime.now(UTC)), client_of(cast.emil)
    refused = text(emil, f"/enablements/{row.key}/hand-on/", colleague="Paula")
    assert "Nobody confirms their own claim" in refused
    assert "Otto is asked now" in text(emil, f"/enablements/{row.key}/hand-on/", colleague="Otto")
    assert client_of(cast.otto).get(f"/enablements/{row.key}/answer/").status_code == 200


def test_a_thank_from_the_feature_counts_at_once(scene: Scene) -> None:
    emil = client_of(scene.cast.emil)
    assert "Say whose work helped" in text(emil, f"/features/{scene.feature.key}/")
    shown = text(emil, f"/enablements/thank/?feature={scene.feature.key}")
    assert f'value="{scene.feature.key}"' in shown
    done = text(emil, "/enablements/thank/", helper=scene.release.key, feature=scene.feature.key, kind="enabled")
    assert "It counts as confirmed" in done
    assert Enablement.objects.get().state == "confirmed"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"helper": ""}, "Name a release by its key"),
        ({"helper": "R-999999"}, "There is no “R-999999” here"),
        ({"helper": "Nowhere"}, "There is no “Nowhere” here"),
        ({"feature": "W-999999"}, "There is no “W-999999” here"),
        ({"feature": "", "work": "Month end"}, "Say whose work it was"),
        ({"feature": "", "work": "Month end", "owner": "switchyard"}, "does not enable itself"),
        ({"kind": ""}, "Choose how it helped."),
        ({"evidence": "not-a-link"}, "is no web address"),
        ({"asked": "Paula"}, "Nobody confirms their own claim"),
        ({"days_low": "-3"}, "not negative"),
    ],
)
def test_a_bad_claim_is_told_at_its_field_and_nothing_is_stored(
    scene: Scene, changed: dict[str, str], words: str
) -> None:
    given = {"helper": scene.release.key, "feature": scene.feature.key, **CLAIM, **changed}
    response = client_of(scene.cast.paula).post("/enablements/new/", given)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Enablement.objects.exists()


def test_a_claim_for_a_product_of_others_is_refused(scene: Scene) -> None:
    given = {"helper": scene.release.key, "feature": "", "work": "Month end", "owner": "finance", **CLAIM}
    response = client_of(scene.cast.emil).post("/enablements/new/", given)
    assert "Only PMs and leads of Switchyard claim for it" in response.content.decode()
    assert client_of(scene.cast.otto).get("/enablements/new/").status_code == 403


def test_a_claim_that_ended_is_asked_again_and_taken_back(scene: Scene) -> None:
    row, paula = scene.claim(now=datetime.now(UTC)), client_of(scene.cast.paula)
    give_answer(enablement=row, answer=answer("unknown"), by=scene.cast.emil, now=datetime.now(UTC))
    assert "Nobody is asked about it now" in text(paula, f"/enablements/{row.key}/")
    assert "Lena is asked" in text(paula, f"/enablements/{row.key}/again/", asked="Lena")
    assert "taken back" in text(paula, f"/enablements/{row.key}/withdraw/", words="Wrong feature.")
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_product_and_release_pages_show_both_sides(scene: Scene) -> None:
    cast = scene.cast
    type(scene.release).objects.filter(pk=scene.release.pk).update(feature_keys=[])
    row = scene.claim(now=datetime.now(UTC))
    give_answer(enablement=row, answer=answer("accelerated", 4, 9), by=cast.emil, now=datetime.now(UTC))
    otto = client_of(cast.otto)
    switchyard = text(otto, "/products/switchyard/")
    assert "1 of 1 is confirmed or measured" in switchyard
    assert "Switchyard sped up Bulk booking." in switchyard
    assert "Staged rollout" in text(otto, "/products/checkout/")
    release = text(otto, f"/releases/{scene.release.key}/")
    assert "6.5 days" in release
    assert "Claim that it helped" not in release
    assert "Claim that it helped" in text(client_of(cast.paula), f"/releases/{scene.release.key}/")


def test_leads_see_who_confirms_whom_in_turn_and_nobody_else_does(scene: Scene) -> None:
    cast, now = scene.cast, datetime.now(UTC)
    other = make_feature(cast.paula, cast.switchyard, title="Flag report")
    give_answer(enablement=scene.claim(now=now), answer=answer("accelerated", 4, 9), by=cast.emil, now=now)
    back = scene.help(product=cast.checkout, release=None, work=Work(other, "", cast.switchyard))
    thank(help=back, by=cast.paula, now=now)
    shown = text(client_of(cast.lena), "/enablements/")
    assert "Booking confirmed 1 of Platform, Platform confirmed 1 of Booking" in shown
    for reader in (cast.paula, cast.emil, cast.otto, cast.admin):
        assert "in turn" not in text(client_of(reader), "/enablements/")
    stranger = make_user("Olga")
    join(stranger, cast.finance, "lead")
    assert "in turn" not in text(client_of(stranger), "/enablements/")


def test_usage_suggests_whom_to_ask(scene: Scene) -> None:
    cast, now = scene.cast, datetime.now(UTC)
    monday = now.date() - timedelta(days=now.weekday() + 28)
    use(cast.switchyard, cast.booking, {monday - timedelta(days=7 * back): (3, 12) for back in range(4)}, now)
    type(scene.release).objects.create(
        product=cast.checkout, environment="production", version="9", name="Bulk booking", state="live",
        live_at=now - timedelta(days=3), feature_keys=[scene.feature.key],
    )  # fmt: skip
    shown = text(client_of(cast.paula), "/enablements/new/")
    assert "Booking used Switchyard in 4 of" in shown
    assert f"?product=switchyard&amp;feature={scene.feature.key}" in shown
    scene.claim(now=now)
    assert "Booking used Switchyard" not in text(client_of(cast.paula), "/enablements/new/")


def test_the_list_is_narrowed_by_its_address(scene: Scene) -> None:
    row = scene.claim(now=datetime.now(UTC))
    otto, emil = client_of(scene.cast.otto), client_of(scene.cast.emil)
    assert f'href="/enablements/{row.key}/"' in text(otto, "/enablements/?scope=open&product=checkout")
    assert f'href="/enablements/{row.key}/"' not in text(otto, "/enablements/?scope=had")
    assert f'href="/enablements/{row.key}/"' in text(emil, "/enablements/?scope=had")
    assert f'href="/enablements/{row.key}/"' not in text(emil, "/enablements/?scope=given")
    assert otto.get("/enablements/?scope=nonsense").status_code == 400
    assert otto.get("/enablements/?page=7").status_code == 200
    assert otto.get(reverse("enablement", args=[10**15])).status_code == 404


@pytest.mark.parametrize("address", ["/enablements/", "/products/switchyard/", "/api/v1/enablements"])
def test_many_enablements_cost_as_many_statements_as_few(scene: Scene, address: str) -> None:
    now, otto = datetime.now(UTC), client_of(scene.cast.otto)
    counted = []
    for more in (2, 12):
        for number in range(more):
            scene.claim(now=now, work=Work(None, f"Work {more}-{number}", scene.cast.checkout))
        with CaptureQueriesContext(connection) as statements:
            assert otto.get(address).status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1]
