"""Similar while typing: the same problem in other words and with typing mistakes, never what is merged, withdrawn or denied."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.catalog.likeness import shared, telling
from feedback.models import Feedback
from feedback.queries.similar import CANDIDATES_OF, Similar, similar_entries
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, make_feature, speak

DAY = date(2026, 6, 15)
HEARD = "The saved address is offered for the wrong depot"


def look(cast: Cast, text: str, product: int | None = None, **more: object) -> tuple[Similar, ...]:
    return similar_entries(cast.emil, text, product=product or cast.checkout.pk, day=DAY, **more)  # type: ignore[arg-type]


@pytest.fixture
def heard(cast: Cast) -> Feedback:
    for text in (
        "The invoice arrives after the driver",
        "Card payment fails without saying why",
        "Nobody finds Saturday",
    ):
        make_entry(cast.emil, cast.checkout, text)
    return make_entry(cast.emil, cast.checkout, HEARD)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        "Planners see the wrong depot for an address that they saved",
        "wrong depot offered with saved addresses",
        "The saved adress is ofered for the wrong depto",
        "On Monday their planner called: somebody picked a saved address, the wrong depot was offered, a truck went there for nothing",
    ],
)
def test_the_same_problem_is_found_in_other_words_and_with_typing_mistakes(
    cast: Cast, heard: Feedback, typed: str
) -> None:
    assert [one.key for one in look(cast, typed)] == [heard.key]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["", "wrong depot", "Trucks wait for hours at the ramp in the morning", "the of and is it a to"]
)
def test_nothing_is_offered_for_few_characters_other_problems_or_empty_words(
    cast: Cast, heard: Feedback, typed: str
) -> None:
    assert look(cast, typed) == ()


@pytest.mark.django_db
def test_the_words_that_fit_are_marked_and_nothing_else_is_lost(cast: Cast, heard: Feedback) -> None:
    (found,) = look(cast, "wrong depot offered with saved addresses")
    assert "".join(part.text for part in found.parts) == HEARD
    assert [part.text for part in found.parts if part.fits] == ["saved", "address", "offered", "wrong", "depot"]


@pytest.mark.django_db
def test_the_same_product_comes_first_and_no_more_than_two_come_at_all(cast: Cast, heard: Feedback) -> None:
    elsewhere = make_entry(cast.paula, cast.switchyard, HEARD)
    assert [one.key for one in look(cast, HEARD)] == [heard.key, elsewhere.key]
    assert [one.key for one in look(cast, HEARD, cast.switchyard.pk)] == [elsewhere.key, heard.key]
    third = make_entry(cast.emil, cast.checkout, HEARD)
    assert {one.key for one in look(cast, HEARD)} == {heard.key, third.key}


@pytest.mark.django_db
def test_a_merged_entry_leads_to_its_root_with_the_voices_of_all_counted_once(cast: Cast) -> None:
    root = make_entry(cast.emil, cast.checkout, "Depots are mixed up")
    merged = make_entry(cast.emil, cast.checkout, HEARD, merged_into=root)
    account = make_account("brenner", cast.emil)
    for entry in (root, merged):
        speak(entry, account=account, via=cast.emil)
    speak(merged, colleague=cast.otto)
    make_diagnosis(cast.emil, cast.checkout, root)
    (found,) = look(cast, HEARD)
    assert (found.key, found.voices, found.stage) == (root.key, 2, "Diagnosed")


@pytest.mark.django_db
def test_what_was_withdrawn_or_is_known_to_differ_is_not_offered(cast: Cast, heard: Feedback) -> None:
    assert look(cast, HEARD, but_not=[heard.pk]) == ()
    heard.withdrawn_at, heard.withdrawn_by = NOW, cast.emil
    heard.save()
    assert look(cast, HEARD) == ()
    assert similar_entries(AnonymousUser(), HEARD, product=None, day=DAY) == ()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["it's \\ 'quoted' & | ! :* (odd) <b>wrong</b> depot saved address", "\x00" * 20, "%s" * 20, "🙂" * 20]
)
def test_no_sign_that_is_typed_breaks_the_search(cast: Cast, heard: Feedback, typed: str) -> None:
    assert {one.key for one in look(cast, typed)} <= {heard.key}


@pytest.mark.django_db
def test_the_search_takes_four_statements_with_one_entry_and_with_fifty(cast: Cast, heard: Feedback) -> None:
    for count in (1, 50):
        for _ in range(count - 1):
            make_entry(cast.emil, cast.checkout, HEARD)
        with CaptureQueriesContext(connection) as statements:
            look(cast, HEARD)
        assert len(statements) == 4


WORDS = st.text("abcd", min_size=1, max_size=3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("index", "off"),
    [
        ("feedback_by_words", ["enable_seqscan", "enable_indexscan"]),
        ("feedback_by_spelling", ["enable_seqscan", "enable_sort"]),
    ],
)
def test_each_search_is_answered_by_its_index(cast: Cast, heard: Feedback, index: str, off: list[str]) -> None:
    given = {"pairs": "'depot' & 'wrong'", "product": cast.checkout.pk, "text": HEARD, "most": 60, "near": 8}
    with connection.cursor() as cursor:
        # A table of a few rows is read in any way; what is left here can only be the index.
        for setting in off:
            cursor.execute(f"SET LOCAL {setting} = off")
        cursor.execute(f"EXPLAIN {CANDIDATES_OF}", given)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan, plan


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(WORDS, st.sampled_from([None, 0.0, 0.001, 0.3, 1.0]), max_size=8), st.sets(WORDS, max_size=8))
def test_likeness_lies_between_nothing_and_all(shares: dict[str, float | None], words: set[str]) -> None:
    assert 0 <= shared(shares, words) <= shared(shares, words | set(shares)) <= 1 + 1e-9
    assert len(telling(shares, 3)) == min(3, len(shares))


def test_rare_words_say_more_than_common_ones() -> None:
    shares = {"depot": 0.01, "work": 0.4, "unheard": None}
    assert telling(shares, 2) == ["unheard", "depot"]
    assert shared(shares, ["depot"]) > shared(shares, ["work"])


@pytest.mark.django_db
def test_how_far_it_has_come_is_told_by_the_farthest_feature(cast: Cast, heard: Feedback) -> None:
    assert look(cast, HEARD)[0].stage == "Feedback"
    diagnosis = make_diagnosis(cast.emil, cast.checkout, heard)
    assert look(cast, HEARD)[0].stage == "Diagnosed"
    make_feature(cast.emil, cast.checkout, diagnosis, stage="parked")
    built = make_feature(cast.emil, cast.checkout, diagnosis, stage="building")
    make_feature(cast.emil, cast.checkout, diagnosis)
    assert look(cast, HEARD)[0].stage == f"Building ({built.key})"


def part_of(client: Client, address: str, **typed: str) -> str:
    """What a fragment shows for what was typed."""
    response = client.post(address, typed) if address == "/feedback/similar/" else client.get(address, typed)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    return response.content.decode()


@pytest.mark.django_db
def test_the_fragment_shows_at_most_two_and_offers_to_add_and_to_dismiss(cast: Cast, heard: Feedback) -> None:
    client = Client()
    client.force_login(cast.emil)
    for _ in range(3):
        make_entry(cast.emil, cast.checkout, HEARD)
    page = part_of(client, "/feedback/similar/", q=HEARD, product="checkout")
    assert (page.count("data-add="), page.count("data-dismiss=")) == (2, 2)
    dismissed = part_of(client, "/feedback/similar/", q=HEARD, product="checkout", not_these=str(heard.pk))
    assert f'data-add="{heard.pk}"' not in dismissed
    for nothing in ("", "wrong", "\x00" * 50, "x" * 100_000):
        assert "data-add" not in part_of(client, "/feedback/similar/", q=nothing, product="no\x00ne")


@pytest.mark.django_db
def test_names_that_fit_are_those_whom_the_reader_may_name(cast: Cast) -> None:
    make_account("brenner", cast.emil, name="Brenner <Logistik>").products.add(cast.checkout)
    client = Client()
    client.force_login(cast.emil)
    page = part_of(client, "/sources/", q="brenner")
    assert "Brenner &lt;Logistik&gt;" in page
    assert f'data-via="{cast.emil.pk}"' in page
    assert 'data-label="Paula' in part_of(client, "/sources/", q="paul")
    client.force_login(cast.otto)
    assert "Nobody whom you may name is called “brenner”" in part_of(client, "/sources/", q="brenner")
    assert part_of(client, "/sources/").strip() == ""
