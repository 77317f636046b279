"""Speed to impact: from the first feedback to what is known, by type, against the type's own year before, with the allies in the path."""

from datetime import datetime, timedelta

import pytest

from feedback.models import Outreach
from metrics.queries.periods import Period, read_period
from metrics.queries.speed import Speed, speed_of
from products.models import Feature, SignOff
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, make_feature, make_release

pytestmark = pytest.mark.django_db


def period() -> Period:
    """The three months until the tests' today."""
    return read_period("2026-04", "", today=NOW.date())


def measured(cast: Cast, days: float, *, at: datetime = NOW - timedelta(days=1), product: str = "checkout") -> Feature:
    """A feature of which something was known at ``at``, so many days after it was first heard of."""
    owner, by = getattr(cast, product), cast.emil
    entry = make_entry(by, owner, received_at=at - timedelta(days=days))
    return make_feature(by, owner, make_diagnosis(by, owner, entry), stage="measured", stage_since=at)


def of(cast: Cast) -> dict[str, Speed]:
    """Both rows, by type."""
    found = speed_of([cast.checkout.pk, cast.switchyard.pk], types=("E", "I"), period=period())
    return {one.type: one for one in found}


def test_a_median_with_its_middle_half_stands_from_five_features_on_for_each_type_alone(cast: Cast) -> None:
    for days in (10, 20, 30, 40, 50):
        measured(cast, days)
    for days in (2, 4):
        measured(cast, days, product="switchyard")
    speed = of(cast)
    assert speed["E"].text == "30 d (20 to 40), n 5"
    assert (speed["I"].text, speed["I"].median) == ("2 features measured, 5 needed", None)


def test_the_usual_is_the_types_own_year_before_the_period(cast: Cast) -> None:
    before = NOW - timedelta(days=100)
    for days in (60, 70, 80, 90, 100):
        measured(cast, days, at=before)
    measured(cast, 500, at=NOW - timedelta(days=600))
    measured(cast, 10)
    speed = of(cast)
    assert (speed["E"].usual_text, speed["E"].n) == ("80 d, n 5", 1)
    assert speed["I"].usual_text == "no usual yet, n 0 of 5"


def test_nothing_measured_is_told_in_words_and_not_as_zero(cast: Cast) -> None:
    assert (of(cast)["E"].text, of(cast)["E"].allies_text) == ("no feature was measured", "nothing to tell")


def test_what_nobody_said_anything_about_has_an_unknown_beginning_and_counts_nowhere(cast: Cast) -> None:
    make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout), stage="measured", stage_since=NOW)
    assert of(cast)["E"].n == 0


def test_allies_in_the_path_are_counted_and_the_longest_wait_for_one_is_told(cast: Cast) -> None:
    signed, asked, waived, alone = (measured(cast, 40) for _ in range(4))
    ask = {
        "approver": cast.otto,
        "requested_by": cast.emil,
        "requested_at": NOW - timedelta(days=30),
        "due_on": NOW.date(),
    }
    release = make_release(cast.checkout, "5.0", feature_keys=[signed.key])
    for function, days in (("legal", 6), ("privacy", 10)):
        at = NOW - timedelta(days=30 - days)
        row = SignOff.objects.create(release=release, function=function, **ask)
        SignOff.objects.filter(pk=row.pk).update(decision="approved", decided_at=at, decided_by=cast.otto)
    other = make_release(cast.checkout, "5.1", feature_keys=[waived.key])
    SignOff.objects.create(release=other, function="legal", **ask)
    account = make_account("nord", cast.emil, consent="yes", consent_via=cast.emil)
    Outreach.objects.create(
        product=cast.checkout, diagnosis=asked.diagnosis_links.get().diagnosis, account=account, via=cast.emil, purpose="Why?",
        asked_by=cast.emil, asked_at=NOW - timedelta(days=35), held_at=NOW - timedelta(days=15),
    )  # fmt: skip
    speed = of(cast)["E"]
    assert speed.allies_text == "in 3 of 4, their longest wait 15 d, n 2"
    assert {one.key: one.allies for one in speed.items} == {signed.key: 2, asked.key: 1, waived.key: 1, alone.key: 0}


def test_the_items_behind_a_row_come_from_the_same_count(cast: Cast) -> None:
    for days in range(22):
        measured(cast, days + 1)
    speed = of(cast)["E"]
    assert (speed.n, len(speed.items), speed.more) == (22, 20, 2)
    assert all(one.product == "Checkout" for one in speed.items)
