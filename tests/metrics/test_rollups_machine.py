"""Whatever happens to facts, in any order: every cell that has no mark waiting equals a recompute."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from feedback.models import Feedback, Voice
from feedback.services.feedback import NewVoice, log_feedback
from metrics.models import Kpi, Mark, Reading, Rollup, Usage, WeeklyRollup
from metrics.services.readings import NewReading, push_readings
from metrics.services.rebuild import check, rebuild
from metrics.services.rollups import Bucket, expand_ranges, refresh, take_buckets, take_marks, write_cells, write_weeks
from metrics.services.usage import NewUsage, push_usage
from products.models import Product
from products.models.releases import Exposure, Release
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.factories import make_kpi, make_product, make_team, make_user

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
FIRST = datetime(2026, 6, 1, tzinfo=UTC)
# Hours around midnight and around the ends of weeks, so that time zones and weeks matter.
instants = st.integers(0, 16 * 24).map(lambda hours: FIRST + timedelta(hours=hours))
days = st.integers(0, 15).map(lambda number: FIRST.date() + timedelta(days=number))
amounts = st.integers(0, 9).map(Decimal)
which = st.integers(0, 1)
zones = st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"])
few = st.integers(0, 5)


class Crash(Exception):
    """The process ends here."""


class Facts(RuleBasedStateMachine):
    """Two products with a KPI each, and everything that may happen to their facts."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.products = [make_product("inside", "I"), make_product("outside", "E")]
        self.kpis = [make_kpi(product, f"kpi-{product.slug}") for product in self.products]
        self.people = [make_user("Paula"), make_user("Emil")]
        self.team = make_team("platform")
        self.sent: list[NewReleaseEvent] = []
        self.heard = 0
        self.now = NOW

    def teardown(self) -> None:
        """Drain, compare with a rebuild from nothing, and leave no row behind."""
        try:
            self.drain()
            assert not Mark.objects.exists()
            kept = self.cells()
            Rollup.objects.all().delete()
            WeeklyRollup.objects.all().delete()
            rebuild(now=self.now)
            assert self.cells() == kept
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def cells(self) -> list[Any]:
        """Every stored cell."""
        daily = list(Rollup.objects.order_by("product", "measure", "day").values())
        return daily + list(WeeklyRollup.objects.order_by("product", "measure", "week").values())

    @rule(at=which, day=days, value=amounts, n=few, status=st.sampled_from(["partial", "final"]))
    def push(self, at: int, day: date, value: Decimal, n: int, status: str) -> None:
        """A reading: new, the same again, or a correction, by its values."""
        self.now += timedelta(hours=7)
        reading = NewReading(day, value, Decimal(10), n, status=status)
        source = Kpi.objects.get(pk=self.kpis[at].pk).source or "erp"
        push_readings(kpi=Kpi.objects.get(pk=self.kpis[at].pk), source=source, readings=[reading], now=self.now)

    @rule(at=which, day=days)
    def delete_reading(self, at: int, day: date) -> None:
        """An administrator removes a day."""
        Reading.objects.filter(kpi=self.kpis[at], day=day).delete()

    @rule(at=which, source=st.sampled_from(["erp", "other"]))
    def accept_another_source(self, at: int, source: str) -> None:
        """The KPI's source changes."""
        Kpi.objects.filter(pk=self.kpis[at].pk).update(source=source)

    @rule(week=st.integers(0, 2), active=few, more=few)
    def push_use(self, week: int, active: int, more: int) -> None:
        """Usage of one team: new, again, or corrected."""
        row = NewUsage(self.products[0], self.team, FIRST.date() + timedelta(weeks=week), active, active + more, more)
        push_usage(rows=[row], source="logs", now=self.now)

    @rule(week=st.integers(0, 2))
    def delete_use(self, week: int) -> None:
        """A week's usage is withdrawn."""
        Usage.objects.filter(week=FIRST.date() + timedelta(weeks=week)).delete()

    @rule(at=which, received_at=instants, who=st.none() | which)
    def hear(self, at: int, received_at: datetime, who: int | None) -> None:
        """One more entry."""
        self.heard += 1
        log_feedback(
            text="Slow.",
            product=self.products[at],
            channel="chat",
            logged_by=self.people[0],
            received_at=received_at,
            source="test",
            source_id=str(self.heard),
            voice=None if who is None else NewVoice(colleague=self.people[who]),
            now=self.now,
        )

    def entry(self, number: int) -> Feedback | None:
        """One of the entries, if there is any."""
        entries = list(Feedback.objects.order_by("pk"))
        return entries[number % len(entries)] if entries else None

    @rule(number=few, at=st.none() | which, received_at=instants)
    def move_entry(self, number: int, at: int | None, received_at: datetime) -> None:
        """An entry gets another product, or none, and another time."""
        if entry := self.entry(number):
            product = None if at is None else self.products[at]
            Feedback.objects.filter(pk=entry.pk).update(product=product, received_at=received_at)

    @rule(number=few, other=few)
    def merge(self, number: int, other: int) -> None:
        """One entry is merged into another; no chains."""
        entry, root = self.entry(number), self.entry(other)
        if (
            entry
            and root
            and entry != root
            and root.merged_into_id is None
            and root.withdrawn_at is None
            and not entry.merged.exists()
        ):
            Feedback.objects.filter(pk=entry.pk).update(merged_into=root)

    @rule()
    def unmerge(self) -> None:
        """All merges are undone."""
        Feedback.objects.filter(merged_into__isnull=False).update(merged_into=None)

    @rule(number=few, who=which)
    def add_voice(self, number: int, who: int) -> None:
        """Somebody says: me too."""
        if entry := self.entry(number):
            Voice.objects.get_or_create(feedback=entry, colleague=self.people[who])

    @rule(number=few)
    def delete_entry(self, number: int) -> None:
        """An entry is deleted with its voices."""
        entry = self.entry(number)
        if entry and not entry.merged.exists():
            entry.delete()

    @rule(at=which, version=st.integers(1, 2), kind=st.sampled_from(["exposed", "rolled_back"]), when=instants)
    def release(self, at: int, version: int, kind: str, when: datetime) -> None:
        """A release goes live or is rolled back, events in any order."""
        event = NewReleaseEvent("ci", f"e{len(self.sent)}", self.products[at], f"{version}.0", kind, when)
        self.sent.append(event)
        ingest_release_event(event=event, now=self.now)

    @precondition(lambda self: self.sent)
    @rule(number=few)
    def replay(self, number: int) -> None:
        """A client sends an event again."""
        before = Mark.objects.count()
        assert ingest_release_event(event=self.sent[number % len(self.sent)], now=self.now).replayed
        assert Mark.objects.count() == before, "a replay leaves no mark"

    @rule(at=which, environment=st.sampled_from(["production", "live"]))
    def move_releases(self, at: int, environment: str) -> None:
        """All releases of a product are in another environment after all."""
        taken = Release.objects.filter(product=self.products[at], environment=environment).values("version")
        Release.objects.filter(product=self.products[at]).exclude(version__in=taken).update(environment=environment)

    @rule(at=which, environment=st.sampled_from(["production", "live"]))
    def name_production(self, at: int, environment: str) -> None:
        """Another environment counts as production."""
        Product.objects.filter(pk=self.products[at].pk).update(production_environment=environment)

    @rule()
    def forget_exposures(self) -> None:
        """Exposures vanish, by raw SQL."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {Exposure._meta.db_table}")

    @rule(at=which, zone=zones)
    def move_clock(self, at: int, zone: str) -> None:
        """A product's days are cut elsewhere."""
        Product.objects.filter(pk=self.products[at].pk).update(time_zone=zone)

    @rule()
    def drain(self) -> None:
        """A worker comes by."""
        assert refresh(now=self.now).failed == 0

    @rule(step=st.integers(1, 4))
    def crash(self, step: int) -> None:
        """A worker comes by and dies after some of its steps."""
        expand_ranges()
        buckets = [
            Bucket(product.pk, FIRST.date() + timedelta(weeks=w), NOW) for product in self.products for w in (0, 1)
        ]
        with suppress(Crash), transaction.atomic(), connection.cursor() as cursor:
            taken = take_buckets(cursor, buckets)
            touched = take_marks(cursor, taken)
            later: list[Callable[[], None]] = [
                lambda: None,
                lambda: write_cells(cursor, touched),
                lambda: write_weeks(cursor, taken),
            ]
            for deed in later[:step]:
                deed()
            raise Crash

    @invariant()
    def cells_without_marks_equal_their_facts(self) -> None:
        """The sentence that everything here serves."""
        assert check() == []


def run(examples: int, steps: int, machine: type[RuleBasedStateMachine] = Facts) -> None:
    """Let Hypothesis play."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,  # the same sequences on every machine: a failure is a change of ours
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


@pytest.mark.django_db
def test_rollups_equal_a_recompute_after_any_sequence_of_changes() -> None:
    run(examples=25, steps=30)


@pytest.mark.long
@pytest.mark.django_db
def test_rollups_equal_a_recompute_after_very_many_sequences() -> None:
    run(examples=100, steps=60)
