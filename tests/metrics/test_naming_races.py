"""Several people, and a release that goes live, at the same moment: one main KPI, one version, and nothing locked is moved."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from metrics.models import Commitment
from metrics.services.commitments import AnotherMain, CommitmentFacts, NamedMeanwhile, name_kpi
from metrics.sources.named import named_by
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.conftest import Cast
from tests.factories import NOW, make_feature, make_kpi, make_release
from tests.metrics.connections import Elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each gives or raises, all started at once on connections of their own."""
    barrier, found = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            found[place] = work()
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_mains_named_at_once_one_is_told(cast: Cast) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    kpis = [make_kpi(cast.checkout, slug) for slug in ("orders", "revenue")]
    facts = CommitmentFacts("rise", is_main=True)
    found = together(
        *[lambda kpi=kpi: name_kpi(subject=feature, kpi=kpi, facts=facts, by=cast.emil, now=NOW) for kpi in kpis]
    )
    assert {type(one) for one in found} == {Commitment, AnotherMain}
    assert Commitment.objects.filter(is_main=True).count() == 1


def test_of_two_edits_of_one_version_one_is_told(cast: Cast) -> None:
    feature, orders = make_feature(cast.emil, cast.checkout), make_kpi(cast.checkout, "orders")
    found = together(
        *[
            lambda days=days: name_kpi(
                subject=feature,
                kpi=orders,
                facts=CommitmentFacts("rise", window_days=days),
                by=cast.emil,
                now=NOW,
                version=0,
            )
            for days in (7, 28)
        ]
    )
    assert {type(one) for one in found} == {Commitment, NamedMeanwhile}
    assert Commitment.objects.count() == 1


def test_who_names_a_kpi_while_the_release_goes_live_waits_and_is_told_as_afterwards(cast: Cast) -> None:
    now = datetime.now(UTC)
    release, orders = make_release(cast.checkout, "2.0"), make_kpi(cast.checkout, "orders")
    exposed = NewReleaseEvent("ci", "1", cast.checkout, "2.0", "exposed", now)

    def name() -> Commitment:
        facts, early = CommitmentFacts("rise"), now - timedelta(seconds=5)
        return name_kpi(subject=release, kpi=orders, facts=facts, by=cast.emil, now=early)

    with transaction.atomic():
        ingest_release_event(event=exposed, now=now)
        naming = Elsewhere("naming", name).waits()
    assert naming.done().declared_at >= now
    assert [one.is_named_before for one in named_by(release.pk)] == [False]
