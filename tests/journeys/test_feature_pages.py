"""Who may read and write features, and how their list is narrowed, told in words and paid for in statements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import Diagnosis, DiagnosisFeature
from products.models import DesignQuestion, StageChange
from products.services.feature_moves import move_feature, waive_diagnosis
from tests.conftest import Cast
from tests.factories import NOW, join, make_diagnosis, make_entry, make_feature, make_user
from tests.journeys.test_features import diagnosed
from tests.journeys.test_pages import signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "reads", "writes", "waives"),
    [
        (None, 302, 302, 302),
        ("otto", 200, 403, 403),
        ("paula", 200, 403, 403),
        ("emil", 200, 200, 403),
        ("lena", 200, 200, 200),
        ("admin", 200, 200, 403),
    ],
)
def test_everybody_reads_and_only_the_owning_team_writes(
    cast: Cast, who: str | None, reads: int, writes: int, waives: int
) -> None:
    member = make_user("Mia")
    join(member, cast.booking, "member")
    feature = make_feature(cast.emil, cast.checkout, diagnosed(cast))
    people = [getattr(cast, who)] if who else [None]
    for user in [*people, *([member] if who == "otto" else [])]:
        client = signed_in(user) if user else signed_in(make_user("Gone", is_active=False))
        own = f"/features/{feature.key}/"
        assert [client.get(path).status_code for path in ("/features/", own)] == [reads, reads]
        assert [client.get(f"{own}{path}/").status_code for path in ("edit", "move", "ask")] == [writes] * 3
        assert client.get(f"{own}waive/").status_code == waives
        assert client.get(f"/features/new/?diagnosis=D-{Diagnosis.objects.get().pk}").status_code == writes
        link = client.post(f"{own}diagnoses/", {"diagnosis": "D-1"}).status_code
        assert link == (303 if writes == 200 else writes)


@pytest.mark.parametrize(
    "path",
    [
        "/features/W-999/",
        "/features/W-99999999999999999999/",
        "/features/W-999/edit/",
        "/features/W-99999999999999999999/move/",
        "/features/?stage=shipped",
        "/features/?product=nothing",
        "/features/?type=X",
        "/features/?mine=perhaps",
        "/features/?before=-1",
        "/features/?before=99999999999999999999",
        "/features/?stage=%00",
        "/features/new/?diagnosis=D-999",
        "/features/new/?diagnosis=%00",
    ],
)
def test_an_address_that_leads_nowhere_is_told_so(cast: Cast, path: str) -> None:
    assert signed_in(cast.emil).get(path).status_code == 404


def test_the_list_is_narrowed_by_its_address_and_goes_on_by_key(cast: Cast) -> None:
    mine, shaped = (
        make_feature(cast.emil, cast.checkout, title="Emils"),
        make_feature(cast.paula, cast.switchyard, title="Shaped"),
    )
    other = make_feature(cast.paula, cast.switchyard, title="Paulas")
    shaped.co_designers.add(cast.emil)
    waive_diagnosis(feature=other, by=cast.lena, reason="Law", now=NOW)
    move_feature(feature=other, to="building", by=cast.paula, now=NOW)
    client = signed_in(cast.emil)

    def titles(query: str) -> list[str]:
        return [row.title for row in client.get(f"/features/{query}").context["list"].rows]

    assert titles("") == ["Paulas", "Shaped", "Emils"]
    assert titles("?product=checkout") == ["Emils"]
    assert titles("?type=I") == ["Paulas", "Shaped"]
    assert titles("?stage=building") == ["Paulas"]
    assert titles("?mine=yes") == ["Shaped", "Emils"]
    assert titles(f"?type=I&before={other.pk}") == ["Shaped"]
    assert titles(f"?before={mine.pk}") == []
    assert "Three features: two waiting to be built and one in building." in text_of(client.get("/features/"))
    assert "No feature fits these filters." in text_of(client.get("/features/?stage=measured"))


def test_the_list_goes_on_after_fifty(cast: Cast) -> None:
    for _ in range(51):
        make_feature(cast.emil, cast.checkout)
    client = signed_in(cast.emil)
    first = client.get("/features/?product=checkout")
    assert "?product=checkout&amp;before=" in first.content.decode()
    older = first.context["list"].older
    assert len(client.get(f"/features/?product=checkout&before={older}").context["list"].rows) == 1


def test_list_and_page_cost_as_many_statements_with_one_as_with_fifty(cast: Cast) -> None:
    client = signed_in(cast.emil)

    def statements(path: str) -> int:
        with CaptureQueriesContext(connection) as done:
            assert client.get(path).status_code == 200
        return len(done)

    feature = make_feature(cast.emil, cast.checkout, diagnosed(cast))
    feature.co_designers.add(cast.lena)
    DesignQuestion.objects.create(feature=feature, question="?", asked=cast.lena, asked_by=cast.emil, asked_at=NOW)
    make_diagnosis(cast.emil, cast.checkout)
    move_feature(feature=feature, to="building", by=cast.emil, now=NOW)
    paths = ("/features/", f"/features/{feature.key}/")
    statements(paths[0])
    one = [statements(path) for path in paths]
    for number in range(50):
        make_feature(
            cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout, make_entry(cast.emil, cast.checkout))
        )
        more = make_diagnosis(cast.emil, cast.checkout)
        DiagnosisFeature.objects.create(diagnosis=more, feature=feature, linked_by=cast.emil, linked_at=NOW)
        DesignQuestion.objects.create(feature=feature, question="?", asked=cast.otto, asked_by=cast.emil, asked_at=NOW)
        StageChange.objects.create(
            feature=feature, from_stage="building", to_stage="parked", by=cast.lena, at=NOW, reason=str(number)
        )
    assert [statements(path) for path in paths] == one
