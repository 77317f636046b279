"""Claims and thanks: who is asked, what is refused in words, and what is said twice."""

from datetime import timedelta
from decimal import Decimal

import pytest

from metrics.models import Enablement, Letter
from metrics.queries.answerers import Work
from metrics.queries.enablement_page import enablement_page
from metrics.services.answers import give_answer, reopen
from metrics.services.enablements import ask_again, claim, thank, withdraw
from metrics.services.enabling_refusals import (
    BadDays,
    BadLink,
    EnablingRefused,
    HelpsItself,
    MayNotAnswer,
    NobodyHasIt,
    NobodyToAsk,
    NotItsOwn,
    NotOpen,
    NotTheirs,
    NoWork,
    SaidAlready,
)
from metrics.services.waiting_questions import tend_questions
from products.models import Assignment, AuditEntry, Product, Release
from products.services.refusals import span
from tests.enablement.scene import LIVE, Scene, answer, figures, make_release
from tests.factories import NOW, assign, join, make_feature, make_product, make_team, make_user, own

DAY = timedelta(days=1)


def steps(row: Enablement) -> list[tuple[str, str | None, str, str]]:
    """The chain: deed, by whom, from where, to where."""
    chain = row.steps.select_related("by").order_by("pk")
    return [(one.deed, one.by and one.by.name, one.from_state, one.to_state) for one in chain]


def test_a_claim_asks_the_pm_of_the_helped_work_for_two_weeks(scene: Scene) -> None:
    row = scene.claim()
    assert (row.state, row.asked, row.expires_at) == ("claimed", scene.cast.emil, NOW + 14 * DAY)
    assert steps(row) == [("claimed", "Paula", "", "claimed")]
    assert [(one.to, one.kind) for one in Letter.objects.all()] == [(scene.cast.emil, "question")]


def test_the_same_claim_sent_again_is_one(scene: Scene) -> None:
    first = claim(help=scene.help(), asked=None, by=scene.cast.paula, now=NOW)
    again = claim(help=scene.help(), asked=None, by=scene.cast.paula, now=NOW + DAY)
    assert (first.is_new, again.is_new, again.enablement) == (True, False, first.enablement)
    assert Letter.objects.count() == 1


def test_the_same_help_is_said_once(scene: Scene) -> None:
    scene.claim()
    with pytest.raises(SaidAlready, match="waits for an answer"):
        scene.claim(figures=figures("accelerated", 5, 9))


def test_what_was_withdrawn_may_be_claimed_anew(scene: Scene) -> None:
    row = withdraw(enablement=scene.claim(), by=scene.cast.paula, now=NOW, words="Wrong feature.")
    assert (row.state, row.asked) == ("withdrawn", None)
    assert withdraw(enablement=row, by=scene.cast.paula, now=NOW).steps.count() == 2
    assert scene.claim().pk != row.pk


def test_a_pm_at_going_live_is_asked_before_the_pm_of_today(scene: Scene) -> None:
    cast = scene.cast
    then = make_user("Tilda")
    make_release(cast.checkout, "May release", feature_keys=[scene.feature.key])
    duty = Assignment.objects.get(product=cast.checkout)
    duty.period = span((LIVE + DAY).date(), None)
    duty.save()
    Assignment.objects.create(
        user=then, product=cast.checkout, role="owner", period=span(LIVE.date() - 9 * DAY, (LIVE + DAY).date())
    )
    assert scene.claim().asked == then


def test_whoever_changed_roles_is_passed_over_for_a_colleague(scene: Scene) -> None:
    """Emil answered for Switchyard when the release went live: he would confirm his own work."""
    cast = scene.cast
    Assignment.objects.create(
        user=cast.emil, product=cast.switchyard, role="covering", period=span(LIVE.date(), (LIVE + DAY).date())
    )
    assert scene.claim().asked == cast.lena
    with pytest.raises(MayNotAnswer, match="not even after a change of roles"):
        scene.claim(asked=cast.emil, work=Work(None, "Month end", cast.checkout))


def test_people_who_left_are_not_asked(scene: Scene) -> None:
    cast = scene.cast
    cast.emil.is_active = False
    cast.emil.save()
    assert scene.claim().asked == cast.lena
    with pytest.raises(MayNotAnswer, match="Emil has left"):
        scene.claim(asked=cast.emil, work=Work(None, "Month end", cast.checkout))


def test_the_pm_of_the_product_that_continued_it_is_asked(scene: Scene) -> None:
    planner = make_product("planner", "I")
    following = make_product("dock-booking", "E", continues=planner)
    jana = make_user("Jana")
    assign(jana, following)
    assert scene.claim(work=Work(None, "Night plans", planner)).asked == jana


def test_work_of_a_team_without_a_product_is_answered_by_one_of_its_people_or_refused_in_words(scene: Scene) -> None:
    row = scene.claim(work=Work(None, "SOC 2 evidence", None, scene.cast.booking), figures=figures("unblocked"))
    assert (row.asked, row.days_low) == (scene.cast.emil, None), "Lena leads both sides"
    with pytest.raises(NobodyToAsk, match="Name the colleague"):
        scene.claim(work=Work(None, "SOC 2 evidence", None, make_team("nobody")))


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(-1, 3, "not negative"), (9, 4, "write 4 to 9"), (1, 91, "At most 90"), (float("nan"), 4, "numbers")],
)
def test_days_are_a_span_within_the_horizon(scene: Scene, low: float, high: float, words: str) -> None:
    with pytest.raises(BadDays, match=words):
        scene.claim(figures=figures("accelerated", low, high))


def test_one_number_of_days_is_both_ends(scene: Scene) -> None:
    row = scene.claim(figures=figures("unblocked", 2.5))
    assert (row.days_low, row.days_high) == (Decimal("2.5"), Decimal("2.5"))


def bad(scene: Scene) -> list[tuple[type[EnablingRefused], str, dict[str, object]]]:
    cast, other = scene.cast, make_product("other", "E")
    gone = make_release(cast.switchyard, "Bulk toggle", state="rolled_back", live=None, rolled_back_at=NOW)
    planned = make_release(cast.switchyard, "Next", live=None)
    mine = Work(make_feature(cast.paula, cast.switchyard), "", cast.switchyard)
    return [
        (HelpsItself, "does not enable itself", {"work": mine}),
        (HelpsItself, "does not enable itself", {"work": Work(None, "Its own", cast.switchyard)}),
        (NobodyHasIt, "was rolled back", {"release": gone}),
        (NobodyHasIt, "not live yet", {"release": planned}),
        (NotItsOwn, "no release of Switchyard", {"release": make_release(other, "Theirs")}),
        (NoWork, "one of the two", {"work": Work(None, "", cast.checkout)}),
        (NoWork, "one of the two", {"work": Work(scene.feature, "and words", cast.checkout)}),
        (NoWork, "whose work", {"work": Work(None, "Somebody's")}),
        (BadLink, "no web address", {"evidence": ["javascript:alert(1)"]}),
        (BadLink, "At most 5", {"evidence": [f"https://wiki.example/{n}" for n in range(6)]}),
    ]


def test_what_makes_no_sense_is_refused_in_words_and_nothing_is_stored(scene: Scene) -> None:
    for kind, words, changed in bad(scene):
        with pytest.raises(kind, match=words):
            scene.claim(**changed)
    assert (Enablement.objects.count(), Letter.objects.count()) == (0, 0)


def test_only_those_of_the_product_claim_for_it(scene: Scene) -> None:
    for stranger in (scene.cast.emil, scene.cast.otto):
        with pytest.raises(NotTheirs):
            claim(help=scene.help(), asked=None, by=stranger, now=NOW)


def test_one_who_answers_for_both_products_asks_another(scene: Scene) -> None:
    cast = scene.cast
    assign(cast.paula, cast.checkout, "co_owner")
    assert scene.claim(asked=None).asked == cast.emil
    with pytest.raises(MayNotAnswer, match="own claim"):
        scene.claim(asked=cast.paula, work=Work(None, "Month end", cast.checkout))


def test_a_thank_is_born_confirmed_and_nobody_is_asked(scene: Scene) -> None:
    row = thank(help=scene.help(), by=scene.cast.emil, now=NOW).enablement
    assert (row.state, row.answered_by, row.asked, row.claimed_by) == ("confirmed", scene.cast.emil, None, None)
    assert steps(row) == [("thanked", "Emil", "", "confirmed")]
    assert not thank(help=scene.help(), by=scene.cast.emil, now=NOW + DAY).is_new


def test_nobody_thanks_for_work_of_others_or_for_their_own(scene: Scene) -> None:
    cast = scene.cast
    with pytest.raises(NotTheirs):
        thank(help=scene.help(), by=cast.otto, now=NOW)
    assign(cast.emil, cast.switchyard, "covering")
    with pytest.raises(MayNotAnswer):
        thank(help=scene.help(), by=cast.emil, now=NOW)


def test_anybody_of_a_team_thanks_for_its_own_work(scene: Scene) -> None:
    work = Work(None, "The audit", None, scene.cast.finance)
    assert thank(help=scene.help(work=work), by=scene.cast.otto, now=NOW).is_new


def test_a_product_of_customers_enables_too(scene: Scene) -> None:
    cast = scene.cast
    work = Work(None, "Flag report", cast.switchyard)
    row = claim(
        help=scene.help(product=cast.checkout, release=None, work=work), asked=None, by=cast.emil, now=NOW
    ).enablement
    assert row.asked == cast.paula


def test_without_a_release_nobody_who_ever_stood_for_the_product_answers(scene: Scene) -> None:
    cast = scene.cast
    long_ago = span((NOW - 900 * DAY).date(), (NOW - 800 * DAY).date())
    Assignment.objects.create(user=cast.emil, product=cast.switchyard, role="covering", period=long_ago)
    assert scene.claim(release=None).asked == cast.lena
    assert scene.claim().asked == cast.emil, "with a release only its own day counts"


def test_after_two_weeks_the_question_ends_and_can_be_asked_again(scene: Scene) -> None:
    row = scene.claim()
    tend_questions(now=NOW + 14 * DAY)
    row.refresh_from_db()
    assert (row.state, row.asked) == ("expired", None)
    ask_again(enablement=row, asked=scene.cast.lena, by=scene.cast.paula, now=NOW + 15 * DAY)
    row.refresh_from_db()
    assert (row.state, row.asked, row.expires_at) == ("claimed", scene.cast.lena, NOW + 29 * DAY)
    with pytest.raises(NotOpen):
        ask_again(enablement=row, asked=None, by=scene.cast.paula, now=NOW + 16 * DAY)


def test_two_reminders_and_no_more(scene: Scene) -> None:
    scene.claim()
    for days in range(14):
        tend_questions(now=NOW + days * DAY)
    kinds = list(Letter.objects.order_by("pk").values_list("kind", "queued_at"))
    assert kinds == [("question", NOW), ("reminder", NOW + 5 * DAY), ("reminder", NOW + 11 * DAY)]


def test_a_question_to_somebody_who_leaves_goes_to_a_colleague(scene: Scene) -> None:
    row, emil = scene.claim(), scene.cast.emil
    emil.is_active = False
    emil.save()
    tend_questions(now=NOW + DAY)
    row.refresh_from_db()
    assert row.asked == scene.cast.lena
    assert steps(row)[-1] == ("handed_on", None, "claimed", "claimed")


def test_every_step_is_in_the_audit_without_what_was_written(scene: Scene) -> None:
    row = scene.claim()
    give_answer(enablement=row, answer=answer("no"), by=scene.cast.emil, now=NOW + DAY)
    reopen(enablement=row, words="The date was wrong.", by=scene.cast.paula, now=NOW + 2 * DAY)
    told = AuditEntry.objects.filter(topic="enablement", subject_id=row.pk).order_by("pk")
    assert [one.deed for one in told] == ["added", "changed", "changed"]
    assert told[1].details["state"] == ["claimed", "disputed"]
    assert "Rolled out by country" not in str([one.details for one in told])


def test_a_release_that_is_taken_back_later_keeps_what_was_said(scene: Scene) -> None:
    row = scene.claim()
    Release.objects.filter(pk=scene.release.pk).update(state="rolled_back", rolled_back_at=NOW)
    give_answer(enablement=row, answer=answer("accelerated", 4, 9), by=scene.cast.emil, now=NOW + DAY)
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_products_of_a_team_keep_their_own_sides(scene: Scene) -> None:
    """Two products of one team may help each other: they are two."""
    second = make_product("rate-desk", "I")
    own(scene.cast.platform, second)
    ruth = make_user("Ruth")
    assign(ruth, second)
    assert isinstance(second, Product)
    assert scene.claim(work=Work(None, "Rates by country", second)).asked == ruth


def test_whoever_leads_both_sides_is_asked_last_and_the_page_says_so(scene: Scene) -> None:
    cast = scene.cast
    cast.emil.is_active = False
    cast.emil.save()
    assert scene.claim().asked == cast.lena, "nobody else is left"
    nora = make_user("Nora")
    join(nora, cast.booking, "pm")
    row = scene.claim(work=Work(None, "Month end", cast.checkout))
    assert row.asked == nora
    other = scene.claim(work=Work(None, "Night plans", cast.checkout), asked=cast.lena)
    give_answer(enablement=other, answer=answer("no"), by=cast.lena, now=NOW + DAY)
    page = enablement_page(cast.otto, other.pk, now=NOW + DAY)
    assert page is not None
    assert page.both_sides.startswith("Lena belongs to both sides today")
