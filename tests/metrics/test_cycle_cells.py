"""Cells of the cycle: each deed that moves a thing leaves marks, and after the drain the cells say where it stands."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from feedback.models import Diagnosis, DiagnosisFeature, Feedback
from metrics.models import Mark, Rollup
from metrics.services.rebuild import check
from metrics.services.rollups import refresh
from products.models import Feature, Product
from tests.conftest import Cast
from tests.factories import make_diagnosis, make_entry, make_feature

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 8, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MONDAY = date(2026, 6, 8)


def cells() -> dict[tuple[str, str, int], int]:
    """What stands where, by (product, stage, days after the Monday)."""
    rows = Rollup.objects.filter(measure__startswith="cycle:").values_list("product__slug", "measure", "day", "n")
    return {(slug, measure.partition(":")[2], (day - MONDAY).days): n for slug, measure, day, n in rows}


@pytest.fixture
def things(cast: Cast, now: datetime) -> dict[str, Any]:
    """A group of two entries, one that is diagnosed, and a feature that is built because of another diagnosis; drained."""
    root = make_entry(cast.emil, cast.checkout, received_at=NOON + 2 * DAY)
    again = make_entry(cast.emil, cast.checkout, received_at=NOON, merged_into=root)
    alone = make_entry(cast.emil, cast.checkout, received_at=NOON + DAY)
    behind = make_entry(cast.emil, cast.checkout, received_at=NOON + DAY)
    draft = make_diagnosis(cast.emil, cast.checkout, alone, done=False)
    done = make_diagnosis(cast.emil, cast.checkout, behind, diagnosed_at=NOON + 3 * DAY)
    built = make_diagnosis(cast.emil, cast.checkout, diagnosed_at=NOON + 4 * DAY)
    feature = make_feature(cast.emil, cast.checkout, built, stage_since=NOON + 5 * DAY)
    refresh(now=now)
    return {"cast": cast, "root": root, "again": again, "alone": alone, "draft": draft, "done": done, "built": built, "feature": feature}  # fmt: skip


BEFORE = {
    ("checkout", "heard", 0): 1,  # the group, since its first entry
    ("checkout", "heard", 1): 1,  # a draft leaves its entry open
    ("checkout", "diagnosed", 3): 1,
    ("checkout", "diagnosed", 5): 1,  # the feature; what it is built for counts no more
}


def test_a_thing_stands_once_on_the_day_since_when_it_stands(things: dict[str, Any]) -> None:
    assert cells() == BEFORE
    assert check() == []


def of(model: Any, thing: Any) -> Any:
    """The rows of one thing, to be changed past every service."""
    return model.objects.filter(pk=thing.pk)


DEEDS: dict[str, tuple[Callable[[dict[str, Any]], Any], dict[tuple[str, str, int], int | None]]] = {
    "the first of the group is taken out": (
        lambda all: of(Feedback, all["again"]).update(merged_into=None),
        {("checkout", "heard", 2): 1},
    ),
    "the first of the group was heard later": (
        lambda all: of(Feedback, all["again"]).update(received_at=NOON + 7 * DAY),
        {("checkout", "heard", 0): None, ("checkout", "heard", 2): 1},
    ),
    "the first of the group is withdrawn": (
        lambda all: of(Feedback, all["again"]).update(withdrawn_at=NOON, withdrawn_by=all["cast"].emil),
        {("checkout", "heard", 0): None, ("checkout", "heard", 2): 1},
    ),
    "the group is about another product": (
        lambda all: of(Feedback, all["root"]).update(product=all["cast"].switchyard),
        {("checkout", "heard", 0): None, ("switchyard", "heard", 0): 1},
    ),
    "the draft is done": (
        lambda all: of(Diagnosis, all["draft"]).update(
            diagnosed_at=NOON + 6 * DAY, diagnosed_by=all["cast"].emil, in_the_way="No button.", known_from="Seen."
        ),
        {("checkout", "heard", 1): None, ("checkout", "diagnosed", 6): 1},
    ),
    "the group gets a diagnosis that is done": (
        lambda all: of(Feedback, all["root"]).update(diagnosis=all["done"]),
        {("checkout", "heard", 0): None},
    ),
    "a diagnosis is opened again": (
        lambda all: of(Diagnosis, all["done"]).update(diagnosed_at=None, diagnosed_by=None),
        {("checkout", "diagnosed", 3): None, ("checkout", "heard", 1): 2},
    ),
    "a diagnosis is declined": (
        lambda all: of(Diagnosis, all["done"]).update(
            decision="decline", reason="Few.", decided_at=NOON, decided_by=all["cast"].emil
        ),
        {("checkout", "diagnosed", 3): None},
    ),
    "a feature is planned for it": (
        lambda all: DiagnosisFeature.objects.create(
            diagnosis=all["done"], feature=all["feature"], linked_by=all["cast"].emil, linked_at=NOON
        ),
        {("checkout", "diagnosed", 3): None},
    ),
    "it loses its feature": (
        lambda all: DiagnosisFeature.objects.filter(diagnosis=all["built"]).delete(),
        {("checkout", "diagnosed", 4): 1},
    ),
    "the feature is built": (
        lambda all: of(Feature, all["feature"]).update(stage="building", stage_since=NOON + 9 * DAY),
        {("checkout", "diagnosed", 5): None, ("checkout", "building", 9): 1},
    ),
    "the feature is parked": (
        lambda all: of(Feature, all["feature"]).update(stage="parked", stage_since=NOON + 9 * DAY),
        {("checkout", "diagnosed", 5): None},
    ),
    "the clock of the product moves": (
        lambda all: of(Product, all["cast"].checkout).update(time_zone="Pacific/Kiritimati"),
        {
            ("checkout", "heard", 0): None, ("checkout", "heard", 1): 1, ("checkout", "heard", 2): 1,
            ("checkout", "diagnosed", 3): None, ("checkout", "diagnosed", 4): 1,
            ("checkout", "diagnosed", 5): None, ("checkout", "diagnosed", 6): 1,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_by_whatever_path_moves_the_thing_to_its_new_cell(
    things: dict[str, Any], now: datetime, deed: str
) -> None:
    do, changes = DEEDS[deed]
    assert not Mark.objects.exists()
    do(things)
    assert check() == [], "what is behind has a mark"
    refresh(now=now)
    assert cells() == {place: n for place, n in {**BEFORE, **changes}.items() if n is not None}
    assert check() == []
