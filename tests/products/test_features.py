"""Features: planned, edited with what stood before, moved by rule, waived by leads, and followed by what goes live."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from products.models import DesignQuestion, Feature, FeatureEdit, Product, Release, StageChange
from products.queries.features import design_answer_times, features_named
from products.services.feature_moves import (
    CannotMove,
    NeedsDiagnosis,
    NeedsReason,
    NotTheirLead,
    mark_measured,
    move_feature,
    waive_diagnosis,
)
from products.services.features import (
    AlreadyAnswered,
    FeatureChanged,
    FeatureFacts,
    answer_design_question,
    ask_design_question,
    create_feature,
    edit_feature,
)
from products.services.releases import NewReleaseEvent, erase_release_event, ingest_release_event, ingest_release_events
from tests.conftest import Cast
from tests.factories import NOW, make_diagnosis, make_feature

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FACTS = FeatureFacts("Offer the right depot", "Two planners\n\nneed it.", "closes_a_gap")


def planned(cast: Cast) -> Feature:
    """A feature of Emil's with a diagnosis that is done."""
    return make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout))


def built(cast: Cast) -> Feature:
    """The same, in building."""
    return move_feature(feature=planned(cast), to="building", by=cast.emil, now=NOW)


def event(product: Product, kind: str, *features: str, at: datetime = NOW, number: int = 1) -> NewReleaseEvent:
    """A release event of version 1.0 that names features."""
    return NewReleaseEvent("ci", f"{kind}-{number}", product, "1.0", kind, at, features=features)


def moves(feature: Feature) -> list[tuple[str, str, str, str]]:
    """From, to, by whom and why, the oldest first."""
    rows = StageChange.objects.filter(feature=feature).order_by("pk").select_related("by")
    return [(row.from_stage, row.to_stage, row.by.name if row.by else "", row.reason) for row in rows]


def test_a_new_feature_starts_diagnosed_with_a_history_of_one_line(cast: Cast) -> None:
    facts = replace(FACTS, co_designers=[cast.paula, cast.otto])
    feature = create_feature(product=cast.checkout, facts=facts, by=cast.emil, now=NOW)
    assert (feature.stage, feature.stage_since, feature.revision) == ("diagnosed", NOW, 1)
    assert set(feature.co_designers.all()) == {cast.paula, cast.otto}
    assert moves(feature) == [("", "diagnosed", "Emil", "")]


def test_an_edit_keeps_what_stood_before(cast: Cast) -> None:
    feature = create_feature(product=cast.checkout, facts=FACTS, by=cast.emil, now=NOW)
    edited = edit_feature(
        feature=feature,
        facts=FeatureFacts("Saved depots", "Other words", "earns", [cast.lena]),
        by=cast.lena,
        now=NOW + HOUR,
        revision=1,
    )
    assert (edited.title, edited.revision, edited.co_designers.get()) == ("Saved depots", 2, cast.lena)
    kept = FeatureEdit.objects.get()
    said = (kept.revision, kept.title, kept.requirement, kept.intent, kept.by, kept.at)
    assert said == (1, FACTS.title, FACTS.requirement, FACTS.intent, cast.lena, NOW + HOUR)


def test_saying_what_stands_already_is_no_edit(cast: Cast) -> None:
    feature = create_feature(product=cast.checkout, facts=FACTS, by=cast.emil, now=NOW)
    assert edit_feature(feature=feature, facts=FACTS, by=cast.emil, now=NOW).revision == 1
    assert not FeatureEdit.objects.exists()


def test_the_second_of_two_editors_is_told_who_was_first(cast: Cast) -> None:
    feature = create_feature(product=cast.checkout, facts=FACTS, by=cast.emil, now=NOW)
    edit_feature(feature=feature, facts=replace(FACTS, title="Mine"), by=cast.lena, now=NOW, revision=1)
    with pytest.raises(FeatureChanged, match=rf"Lena changed {feature.key} 2 minutes ago"):
        edit_feature(feature=feature, facts=FACTS, by=cast.emil, now=NOW + timedelta(minutes=2), revision=1)
    assert Feature.objects.get().title == "Mine"


def test_what_was_said_before_is_neither_changed_nor_deleted(cast: Cast) -> None:
    feature = create_feature(product=cast.checkout, facts=FACTS, by=cast.emil, now=NOW)
    edit_feature(feature=feature, facts=replace(FACTS, title="New"), by=cast.emil, now=NOW)
    for write in (lambda: FeatureEdit.objects.update(title="x"), FeatureEdit.objects.all().delete):
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            write()


def test_nothing_is_built_without_a_diagnosis_that_is_done(cast: Cast) -> None:
    bare = make_feature(cast.emil, cast.checkout)
    drafted = make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout, done=False))
    for feature in (bare, drafted):
        with pytest.raises(NeedsDiagnosis, match=r"has no diagnosis yet\. Link one"):
            move_feature(feature=feature, to="building", by=cast.emil, now=NOW)
        assert Feature.objects.get(pk=feature.pk).stage == "diagnosed"
    assert not StageChange.objects.exists()


def test_a_diagnosed_feature_is_built_released_taken_back_and_parked(cast: Cast) -> None:
    feature = planned(cast)
    for step, (to, reason) in enumerate(
        [("building", ""), ("released", ""), ("building", "Broke"), ("parked", "Later")]
    ):
        move_feature(feature=feature, to=to, by=cast.emil, now=NOW + step * DAY, reason=reason)
    stands = Feature.objects.get()
    assert (stands.stage, stands.stage_since, stands.revision) == ("parked", NOW + 3 * DAY, 5)
    assert moves(feature) == [
        ("diagnosed", "building", "Emil", ""),
        ("building", "released", "Emil", ""),
        ("released", "building", "Emil", "Broke"),
        ("building", "parked", "Emil", "Later"),
    ]


def test_moving_to_where_it_stands_changes_nothing_even_from_an_old_page(cast: Cast) -> None:
    feature = built(cast)
    again = move_feature(feature=feature, to="building", by=cast.lena, now=NOW + DAY, revision=1)
    assert (again.stage_since, again.revision) == (NOW, 2)
    assert len(moves(feature)) == 1


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("released", r"is in Diagnosed; from there it goes to Building or Parked, not to Released"),
        ("measured", r"Nobody moves W-\d+ to Measured by hand"),
        ("shipped", r"There is no stage “shipped”"),
    ],
)
def test_a_move_that_is_none_says_where_it_may_go(cast: Cast, to: str, words: str) -> None:
    with pytest.raises(CannotMove, match=words):
        move_feature(feature=planned(cast), to=to, by=cast.emil, now=NOW)


def test_parking_needs_a_reason(cast: Cast) -> None:
    with pytest.raises(NeedsReason, match="Say why"):
        move_feature(feature=planned(cast), to="parked", by=cast.emil, now=NOW)


def test_a_move_from_an_old_page_is_told_who_moved_it(cast: Cast) -> None:
    feature = built(cast)
    move_feature(feature=feature, to="parked", by=cast.lena, now=NOW, reason="Later", revision=2)
    with pytest.raises(FeatureChanged, match=rf"Lena moved {feature.key} to Parked just now"):
        move_feature(feature=feature, to="diagnosed", by=cast.emil, now=NOW, revision=2)


def test_a_lead_waives_with_a_reason_that_stays(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    waived = waive_diagnosis(feature=feature, by=cast.lena, reason="The law asks for it", now=NOW)
    assert (waived.waived_by, waived.waived_at, waived.waiver_reason) == (cast.lena, NOW, "The law asks for it")
    again = waive_diagnosis(feature=feature, by=cast.lena, reason="Another", now=NOW + DAY)
    assert again.waiver_reason == "The law asks for it"
    assert move_feature(feature=feature, to="building", by=cast.emil, now=NOW).stage == "building"


@pytest.mark.parametrize("who", ["emil", "paula", "otto", "admin"])
def test_nobody_but_a_lead_of_the_owning_team_waives(cast: Cast, who: str) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    with pytest.raises(NotTheirLead, match="Only a lead of the team that owns Checkout"):
        waive_diagnosis(feature=feature, by=getattr(cast, who), reason="Because", now=NOW)
    with pytest.raises(NeedsReason):
        waive_diagnosis(feature=feature, by=cast.lena, reason="", now=NOW)
    assert Feature.objects.get().waived_at is None


def test_only_the_system_says_that_a_released_feature_is_measured(cast: Cast) -> None:
    feature = built(cast)
    with pytest.raises(CannotMove, match="only what is released can be measured"):
        mark_measured(feature=feature, now=NOW)
    move_feature(feature=feature, to="released", by=cast.emil, now=NOW)
    for _ in range(2):
        assert mark_measured(feature=feature, now=NOW, reason="Its effect is known").stage == "measured"
    assert moves(feature)[-1] == ("released", "measured", "", "Its effect is known")


def test_a_live_release_that_names_it_moves_a_built_feature(cast: Cast) -> None:
    feature = built(cast)
    live = NOW + DAY
    done = ingest_release_event(event=event(cast.checkout, "exposed", feature.key, "W-999", at=live), now=live + HOUR)
    stands = Feature.objects.get()
    assert (stands.stage, stands.stage_since, stands.revision) == ("released", live, 3)
    assert moves(feature)[-1] == ("building", "released", "", f"{done.release.key} went live")


def test_events_in_any_order_and_twice_move_it_once(cast: Cast) -> None:
    feature = built(cast)
    live = event(cast.checkout, "exposed", at=NOW + DAY)
    named = event(cast.checkout, "released", feature.key, at=NOW + HOUR)
    for one in (live, named, live, named):
        ingest_release_event(event=one, now=NOW + 2 * DAY)
    assert Feature.objects.get().stage_since == NOW + DAY
    assert [one[1] for one in moves(feature)] == ["building", "released"]


def test_a_feature_that_was_taken_back_by_hand_stays_until_the_next_release(cast: Cast) -> None:
    feature = built(cast)
    ingest_release_event(event=event(cast.checkout, "exposed", feature.key, at=NOW + HOUR), now=NOW + HOUR)
    move_feature(feature=feature, to="building", by=cast.emil, now=NOW + DAY, reason="It broke")
    ingest_release_event(event=event(cast.checkout, "released", feature.key, at=NOW), now=NOW + 2 * DAY)
    assert Feature.objects.get().stage == "building"
    ingest_release_event(event=event(cast.checkout, "rolled_back", at=NOW + 2 * DAY), now=NOW + 2 * DAY)
    again = event(cast.checkout, "exposed", at=NOW + 3 * DAY, number=2)
    ingest_release_event(event=again, now=NOW + 3 * DAY)
    assert (Feature.objects.get().stage, Feature.objects.get().stage_since) == ("released", NOW + 3 * DAY)


def test_an_event_is_taken_in_though_its_feature_was_never_diagnosed(cast: Cast) -> None:
    bare, done = make_feature(cast.emil, cast.checkout), planned(cast)
    ingest_release_event(event=event(cast.checkout, "exposed", bare.key, done.key, at=NOW + HOUR), now=NOW + HOUR)
    assert Release.objects.get().state == "live"
    assert [Feature.objects.get(pk=one.pk).stage for one in (bare, done)] == ["diagnosed", "released"]


def test_a_release_moves_no_feature_of_another_product_and_none_before_users_have_it(cast: Cast) -> None:
    feature = built(cast)
    ingest_release_event(event=event(cast.switchyard, "exposed", feature.key), now=NOW)
    ingest_release_event(event=event(cast.checkout, "released", feature.key), now=NOW)
    staged = replace(event(cast.checkout, "exposed", feature.key), environment="staging", event_id="staged")
    ingest_release_event(event=staged, now=NOW)
    assert Feature.objects.get().stage == "building"


def test_an_erased_event_moves_nothing_back(cast: Cast) -> None:
    feature = built(cast)
    done = ingest_release_event(event=event(cast.checkout, "exposed", feature.key), now=NOW)
    erase_release_event(event=done.event, now=NOW)
    assert Feature.objects.get().stage == "released"


def test_built_features_follow_in_as_many_statements_whether_one_or_fifty(cast: Cast) -> None:
    def statements(count: int) -> int:
        built_ones = [make_feature(cast.emil, cast.checkout, diagnosis, stage="building") for _ in range(count)]
        named = [
            replace(event(cast.checkout, "exposed", one.key, number=one.pk), version=f"v{one.pk}") for one in built_ones
        ]
        with CaptureQueriesContext(connection) as done:
            ingest_release_events(events=named, now=NOW)
        assert not Feature.objects.filter(stage="building").exists()
        return len(done)

    diagnosis = make_diagnosis(cast.emil, cast.checkout)
    assert statements(1) == statements(50)


def test_a_release_without_features_costs_no_statement_more(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as plain:
        ingest_release_event(event=event(cast.checkout, "exposed", "EPIC-7"), now=NOW)
    assert not [one for one in plain.captured_queries if "products_feature" in one["sql"]]


def test_a_question_is_answered_once(cast: Cast) -> None:
    feature = planned(cast)
    asked = ask_design_question(feature=feature, question="Which depot?", asked=cast.paula, asked_by=cast.emil, now=NOW)
    for _ in range(2):
        answer_design_question(question=asked, answer="The nearest", now=NOW + HOUR)
    with pytest.raises(AlreadyAnswered, match="The nearest"):
        answer_design_question(question=asked, answer="Another", now=NOW + DAY)
    stands = DesignQuestion.objects.get()
    assert (stands.answer, stands.answered_at) == ("The nearest", NOW + HOUR)


def test_answer_times_stand_by_type_with_their_n_and_what_is_open(cast: Cast) -> None:
    outer, inner = planned(cast), make_feature(cast.paula, cast.switchyard)
    for hours in (2, 4, 6, None):
        asked = ask_design_question(feature=outer, question="?", asked=cast.lena, asked_by=cast.emil, now=NOW)
        if hours:
            answer_design_question(question=asked, answer="!", now=NOW + hours * HOUR)
    old = ask_design_question(feature=inner, question="?", asked=cast.otto, asked_by=cast.paula, now=NOW - 9 * DAY)
    answer_design_question(question=old, answer="!", now=NOW)
    external, internal = design_answer_times(NOW - DAY, NOW + DAY)
    hour = 3600
    assert (external.type, external.n, external.open) == ("E", 3, 1)
    assert (external.median, external.lower, external.upper) == (4 * hour, 3 * hour, 5 * hour)
    assert external.text == "4 h, the middle half 3 h to 5 h, n 3, 1 still open"
    assert (internal.n, internal.median, internal.text) == (0, None, "no answer yet, none open")


def test_keys_of_a_release_lead_to_features_of_its_product_only(cast: Cast) -> None:
    ours, theirs = planned(cast), make_feature(cast.paula, cast.switchyard)
    keys = [ours.key, theirs.key, "EPIC-7", "W-999999999999999999"]
    named = features_named(cast.otto, cast.checkout.pk, keys)
    assert [(one.key, one.number) for one in named] == [(key, ours.pk if key == ours.key else None) for key in keys]
