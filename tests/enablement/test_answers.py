"""Answers: who may give them, what they change, what comes after; and that nobody confirms their own work, whatever is tried."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from metrics.models import Enablement, EnablementStep, Letter
from metrics.services.answers import give_answer, hand_on, reopen
from metrics.services.enablements import claim, thank, withdraw
from metrics.services.enabling_refusals import BadDays, MayNotAnswer, NotAsked, NotOpen, ReasonMissing, TooManyUnblocked
from metrics.services.waiting_questions import back_by_records
from products.models import Assignment, User
from products.services.edits import ChangedMeanwhile
from products.services.refusals import span
from tests.enablement.scene import LIVE, Scene, answer, figures, make_release, use
from tests.factories import NOW, assign, make_product, make_team, make_user, own

DAY = timedelta(days=1)
LATER = NOW + DAY


@pytest.mark.parametrize(
    ("said", "state", "figures"),
    [
        (("accelerated", 4, 9), "confirmed", ("accelerated", 4, 9)),
        (("accelerated", 2, 3), "adjusted", ("accelerated", 2, 3)),
        (("unblocked", 4, 9), "adjusted", ("unblocked", 4, 9)),
        (("enabled",), "adjusted", ("enabled", None, None)),
        (("no",), "disputed", ("accelerated", 4, 9)),
        (("unknown",), "claimed", ("accelerated", 4, 9)),
    ],
)
def test_each_answer_leads_to_its_state(
    scene: Scene, said: tuple[Any, ...], state: str, figures: tuple[Any, ...]
) -> None:
    row = scene.claim()
    give_answer(enablement=row, answer=answer(*said), by=scene.cast.emil, now=LATER)
    row.refresh_from_db()
    assert (row.state, row.asked) == (state, None)
    assert (row.kind, row.days_low, row.days_high) == figures
    assert row.answered_by == (None if state == "claimed" else scene.cast.emil)
    assert Letter.objects.get(kind="answer").to == scene.cast.paula


def test_what_was_claimed_stays_in_the_chain_when_it_is_adjusted(scene: Scene) -> None:
    row = scene.claim()
    give_answer(enablement=row, answer=answer("accelerated", 1, 2, "A week at most."), by=scene.cast.emil, now=LATER)
    first, last = row.steps.order_by("pk")
    assert (first.days_low, first.days_high) == (4, 9)
    assert (last.days_low, last.days_high, last.words) == (1, 2, "A week at most.")


def test_only_whoever_is_asked_answers_in_time_and_once(scene: Scene) -> None:
    row = scene.claim()
    for stranger in (scene.cast.otto, scene.cast.lena, scene.cast.paula, scene.cast.admin):
        with pytest.raises(NotAsked, match="Emil is asked"):
            give_answer(enablement=row, answer=answer("no"), by=stranger, now=LATER)
    with pytest.raises(NotOpen, match="two weeks"):
        give_answer(enablement=row, answer=answer("no"), by=scene.cast.emil, now=NOW + 14 * DAY)
    give_answer(enablement=row, answer=answer("no"), by=scene.cast.emil, now=LATER)
    with pytest.raises(NotOpen, match="answered meanwhile"):
        give_answer(enablement=row, answer=answer("no"), by=scene.cast.emil, now=LATER)


def test_bad_days_change_nothing(scene: Scene) -> None:
    row = scene.claim()
    with pytest.raises(BadDays):
        give_answer(enablement=row, answer=answer("accelerated", 9, 4), by=scene.cast.emil, now=LATER)
    row.refresh_from_db()
    assert (row.state, row.asked, row.steps.count()) == ("claimed", scene.cast.emil, 1)


def test_an_answer_to_figures_that_changed_is_told(scene: Scene) -> None:
    row = scene.claim()
    with pytest.raises(ChangedMeanwhile):
        give_answer(enablement=row, answer=answer("no"), by=scene.cast.emil, now=LATER, revision=row.revision + 1)


def test_a_question_is_handed_on_to_whoever_may_answer(scene: Scene) -> None:
    row, cast = scene.claim(), scene.cast
    for wrong in (cast.paula, cast.emil):
        with pytest.raises(MayNotAnswer):
            hand_on(enablement=row, to=wrong, by=cast.emil, now=LATER)
    hand_on(enablement=row, to=cast.otto, by=cast.emil, now=LATER)
    with pytest.raises(NotAsked):
        give_answer(enablement=row, answer=answer("no"), by=cast.emil, now=LATER)
    give_answer(enablement=row, answer=answer("enabled"), by=cast.otto, now=LATER)
    row.refresh_from_db()
    assert row.answered_by == cast.otto


def test_either_side_opens_an_answer_again_with_a_reason_and_all_stays_on_record(scene: Scene) -> None:
    row, cast = scene.claim(), scene.cast
    give_answer(enablement=row, answer=answer("no"), by=cast.emil, now=LATER)
    with pytest.raises(ReasonMissing):
        reopen(enablement=row, words=" ", by=cast.paula, now=LATER)
    reopen(enablement=row, words="The log shows it.", by=cast.paula, now=LATER)
    with pytest.raises(NotOpen, match="only what was answered"):
        reopen(enablement=row, words="Again.", by=cast.paula, now=LATER)
    give_answer(enablement=row, answer=answer("accelerated", 4, 9), by=cast.emil, now=LATER)
    deeds = list(row.steps.order_by("pk").values_list("deed", flat=True))
    assert deeds == ["claimed", "disputed", "reopened", "confirmed"]


def test_a_thank_that_is_opened_again_is_answered_by_whoever_thanked(scene: Scene) -> None:
    cast = scene.cast
    row = thank(help=scene.help(), by=cast.emil, now=NOW).enablement
    reopen(enablement=row, words="Those were Data's days.", by=cast.paula, now=LATER)
    give_answer(enablement=row, answer=answer("accelerated", 1, 2), by=cast.emil, now=LATER)
    row.refresh_from_db()
    assert (row.state, row.answered_by) == ("adjusted", cast.emil)


def test_reopened_after_a_change_of_roles_another_is_asked(scene: Scene) -> None:
    row, cast = scene.claim(), scene.cast
    give_answer(enablement=row, answer=answer("no"), by=cast.emil, now=LATER)
    assign(cast.emil, cast.switchyard, "co_owner", start=LATER.date())
    reopen(enablement=row, words="Look at the log.", by=cast.paula, now=LATER)
    row.refresh_from_db()
    assert row.asked == cast.lena


def test_whoever_was_asked_and_then_came_to_stand_for_the_helping_side_may_not_answer(scene: Scene) -> None:
    row, cast = scene.claim(), scene.cast
    assign(cast.emil, cast.switchyard, "co_owner", start=NOW.date())
    with pytest.raises(MayNotAnswer, match="nobody confirms their own work"):
        give_answer(enablement=row, answer=answer("accelerated", 4, 9), by=cast.emil, now=LATER)
    give_answer(enablement=row, answer=answer("unknown"), by=cast.emil, now=LATER)


def raw(row: Enablement, by: User, **changed: Any) -> None:
    """Write an answer past every service."""
    told = {
        "state": "confirmed",
        "answered_by": by,
        "answered_at": LATER,
        "asked": None,
        "asked_at": None,
        "expires_at": None,
    }
    Enablement.objects.filter(pk=row.pk).update(**{**told, **changed})


def refused_by(row: Enablement, by: User, **changed: Any) -> str:
    """The constraint that refused it; "" where nothing did."""
    try:
        with transaction.atomic():
            raw(row, by, **changed)
            transaction.set_rollback(True)
    except IntegrityError as problem:
        return str(problem.__cause__.diag.constraint_name).removeprefix("metrics_enablement_")  # type: ignore[union-attr]
    return ""


def test_the_database_lets_nobody_confirm_their_own_work(scene: Scene) -> None:
    """Written with raw SQL: at going live, at the claim, at the answer, and by the claimant."""
    cast, row = scene.cast, scene.claim()
    assert refused_by(row, cast.emil) == ""
    for name, days in (("Vera", LIVE), ("Wim", NOW), ("Xenia", LATER)):
        person = make_user(name)
        Assignment.objects.create(
            user=person, product=cast.switchyard, role="covering", period=span(days.date(), days.date() + DAY)
        )
        Enablement.objects.filter(pk=row.pk).update(asked=person)
        assert refused_by(row, person) == "nobody_confirms_own_work", name
    assert refused_by(row, cast.paula) == "nobody_confirms_own_work"
    with pytest.raises(IntegrityError, match="asks_another"), transaction.atomic():
        Enablement.objects.filter(pk=row.pk).update(asked=cast.paula)


def test_the_database_lets_only_the_asked_person_answer_in_time(scene: Scene) -> None:
    cast, row = scene.cast, scene.claim()
    assert refused_by(row, cast.otto) == "asked_person_answers"
    assert refused_by(row, cast.emil, answered_at=NOW + 14 * DAY) == "asked_person_answers"
    assert refused_by(row, cast.emil, state="measured") == "measured_was_confirmed"
    assert refused_by(row, cast.emil, days_low=-1, state="adjusted") == "days_are_a_span"
    assert refused_by(row, cast.emil, days_low=None, state="adjusted") == "days_are_a_span"
    assert refused_by(row, cast.emil, work="and this") in {"is_about_what_it_was", "helps_a_feature_or_work_in_words"}
    raw(row, cast.emil)
    assert refused_by(row, cast.lena) == "asked_person_answers", "an answer is not handed to another name"
    assert refused_by(row, cast.emil, days_low=5, days_high=80) == "asked_person_answers", "nor its figures changed"


def test_the_database_lets_no_claim_be_born_confirmed_and_no_withdrawn_one_live(scene: Scene) -> None:
    cast, row = scene.cast, scene.claim()
    copy = Enablement.objects.get(pk=row.pk)
    copy.pk, copy.feature, copy.work = None, None, "Other work"
    copy.state, copy.answered_by, copy.answered_at = "confirmed", cast.emil, LATER
    copy.asked = copy.asked_at = copy.expires_at = None
    with pytest.raises(IntegrityError, match="begins as one"), transaction.atomic():
        copy.save(force_insert=True)
    copy.claimed_by, copy.thanked_by = None, cast.otto
    with pytest.raises(IntegrityError, match="confirmed by whoever thanks"), transaction.atomic():
        copy.save(force_insert=True)
    withdraw(enablement=row, by=cast.paula, now=LATER)
    assert refused_by(row, cast.emil) == "stays_withdrawn"


def test_the_database_refuses_a_feature_or_a_release_of_another_product(scene: Scene) -> None:
    row, theirs = scene.claim(), make_release(scene.cast.checkout, "Theirs")
    for changed, words in (({"upstream_release": theirs}, "release"), ({"downstream_product": None}, "feature")):
        copy = Enablement.objects.get(pk=row.pk)
        copy.pk = None
        for name, value in changed.items():
            setattr(copy, name, value)
        with pytest.raises(IntegrityError, match=f"{words}"), transaction.atomic():
            copy.save(force_insert=True)


def test_the_chain_only_grows(scene: Scene) -> None:
    row = scene.claim()
    for sql in ("UPDATE metrics_enablementstep SET words = 'x'", "DELETE FROM metrics_enablementstep"):
        with pytest.raises(Exception, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert EnablementStep.objects.filter(enablement=row).count() == 1


def test_what_is_confirmed_and_on_record_becomes_measured(scene: Scene) -> None:
    cast, row = scene.cast, scene.claim()
    make_release(cast.checkout, "Bulk booking", feature_keys=[scene.feature.key], live=NOW - 2 * DAY)
    weeks = [NOW.date() - timedelta(days=NOW.weekday() + 7 * back) for back in (1, 2, 3, 4)]
    use(cast.switchyard, cast.booking, {weeks[0]: (4, 12), weeks[1]: (2, 12), weeks[2]: (3, 12), weeks[3]: (0, 12)})
    assert back_by_records(now=LATER) == 0, "a claim alone is not measured"
    give_answer(enablement=row, answer=answer("accelerated", 4, 9), by=cast.emil, now=LATER)
    assert (back_by_records(now=LATER), back_by_records(now=LATER)) == (1, 0)
    row.refresh_from_db()
    last = row.steps.order_by("pk").last()
    assert (row.state, row.answered_by, row.days_low) == ("measured", cast.emil, Decimal(4))
    assert last is not None
    assert (last.by, last.words) == (
        None,
        "Usage records: Booking began to use Switchyard in the week of 25 May 2026 "
        "and used it in 2 of 3 weeks before Bulk booking went live.",
    )


def test_a_team_that_used_it_all_along_shows_nothing_about_one_release(scene: Scene) -> None:
    cast, row = scene.cast, scene.claim()
    make_release(cast.checkout, "Bulk booking", feature_keys=[scene.feature.key], live=NOW - 2 * DAY)
    monday = NOW.date() - timedelta(days=NOW.weekday())
    use(cast.switchyard, cast.booking, {monday - timedelta(days=7 * back): (4, 12) for back in range(1, 20)})
    give_answer(enablement=row, answer=answer("accelerated", 4, 9), by=cast.emil, now=LATER)
    assert back_by_records(now=LATER) == 0


def test_a_fifth_team_that_unblocked_the_same_work_is_refused_in_words(scene: Scene) -> None:
    cast = scene.cast
    rows = []
    for number in range(5):
        product = make_product(f"tool-{number}", "I")
        own(make_team(f"team-{number}"), product)
        said = scene.help(product=product, release=None, figures=figures("unblocked"))
        assign(cast.paula, product)
        rows.append(claim(help=said, asked=cast.emil, by=cast.paula, now=NOW).enablement)
    for row in rows[:4]:
        give_answer(enablement=row, answer=answer("unblocked"), by=cast.emil, now=LATER)
    with pytest.raises(TooManyUnblocked, match="4 teams are named"):
        give_answer(enablement=rows[4], answer=answer("unblocked"), by=cast.emil, now=LATER)
    give_answer(enablement=rows[4], answer=answer("accelerated", 1, 2), by=cast.emil, now=LATER)
