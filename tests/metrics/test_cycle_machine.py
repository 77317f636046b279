"""Whatever happens to what was heard, to diagnoses and features, in any order: every cell of the cycle equals a recompute."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import DatabaseError, transaction
from hypothesis.stateful import rule

from feedback.models import Diagnosis, DiagnosisFeature, Feedback
from products.models import Feature, Product, User
from tests.metrics.test_rollups_machine import Facts, few, instants, run, which


def attempt(deed: Callable[[], Any]) -> None:
    """Do it where the database allows it; what a guard refuses has not happened."""
    with suppress(DatabaseError), transaction.atomic():
        deed()


def diagnose(entry: Feedback, product: Product, by: User, at: datetime | None) -> None:
    """An entry gets a diagnosis of its own: a draft without ``at``, else one that was done then."""
    words = {"trying_to": "Pay.", "in_the_way": "No button.", "known_from": "Seen."}
    done = {} if at is None else {"diagnosed_by": by, "diagnosed_at": at}

    def deed() -> None:
        made = Diagnosis.objects.create(
            product=product, started_by=by, started_at=at or entry.received_at, **words, **done
        )
        Feedback.objects.filter(pk=entry.pk).update(diagnosis=made)

    attempt(deed)


def finish(diagnosis: Diagnosis, by: User, at: datetime | None) -> None:
    """A diagnosis is done at ``at``, or open again."""
    who = None if at is None else by
    attempt(lambda: Diagnosis.objects.filter(pk=diagnosis.pk).update(diagnosed_at=at, diagnosed_by=who))


def decide(diagnosis: Diagnosis, decision: str, by: User, at: datetime) -> None:
    """It is decided what becomes of it, or not any more."""
    who = (
        {"decided_by": by, "decided_at": at, "reason": "Few."} if decision else {"decided_by": None, "decided_at": None}
    )
    attempt(lambda: Diagnosis.objects.filter(pk=diagnosis.pk).update(decision=decision, **who))


def plan(product: Product, by: User, at: datetime, diagnosis: Diagnosis | None) -> None:
    """A feature is planned, because of a diagnosis or without one."""

    def deed() -> None:
        made = Feature.objects.create(product=product, title="Split", stage_since=at, created_by=by, created_at=at)
        if diagnosis:
            DiagnosisFeature.objects.create(diagnosis=diagnosis, feature=made, linked_by=by, linked_at=at)

    attempt(deed)


def move(feature: Feature, stage: str, at: datetime) -> None:
    """A feature comes into another stage."""
    waiver = {"waived_by": feature.created_by, "waived_at": at, "waiver_reason": "Urgent."}
    attempt(lambda: Feature.objects.filter(pk=feature.pk).update(stage=stage, stage_since=at, **waiver))


def unlink(diagnosis: Diagnosis) -> None:
    """A diagnosis loses its features."""
    attempt(lambda: DiagnosisFeature.objects.filter(diagnosis=diagnosis).delete())


def withdraw(entry: Feedback, by: User, at: datetime | None) -> None:
    """An entry is taken back, or stands again."""
    who = None if at is None else by
    attempt(lambda: Feedback.objects.filter(pk=entry.pk).update(withdrawn_at=at, withdrawn_by=who))


class Cycle(Facts):
    """Two products of which things are heard, diagnosed and built; readings, usage and releases are left to the other machine."""

    push = delete_reading = accept_another_source = push_use = delete_use = None  # type: ignore[assignment]
    release = replay = move_releases = name_production = forget_exposures = add_voice = None  # type: ignore[assignment]

    @rule(number=few, at=which, when=st.none() | instants)
    def diagnose(self, number: int, at: int, when: datetime | None) -> None:
        """An entry is behind a diagnosis, of its own product or by mistake of another."""
        if entry := self.entry(number):
            diagnose(entry, self.products[at], self.people[0], when)

    @rule(number=few, when=st.none() | instants)
    def finish(self, number: int, when: datetime | None) -> None:
        """A diagnosis is done, or opened again."""
        if found := self.diagnosis(number):
            finish(found, self.people[0], when)

    @rule(number=few, decision=st.sampled_from(["", "build", "watch", "decline"]))
    def decide(self, number: int, decision: str) -> None:
        """A diagnosis is decided, or is open again."""
        if found := self.diagnosis(number):
            decide(found, decision, self.people[0], self.now)

    @rule(number=few, at=which, when=instants)
    def plan(self, number: int, at: int, when: datetime) -> None:
        """A feature is planned."""
        plan(self.products[at], self.people[1], when, self.diagnosis(number))

    @rule(number=few)
    def unlink(self, number: int) -> None:
        """A diagnosis loses its features."""
        if found := self.diagnosis(number):
            unlink(found)

    @rule(number=few, when=instants, stage=st.sampled_from(["diagnosed", "building", "released", "measured", "parked"]))
    def move(self, number: int, when: datetime, stage: str) -> None:
        """A feature moves on or back."""
        features = list(Feature.objects.order_by("pk"))
        if features:
            move(features[number % len(features)], stage, when)

    @rule(number=few, when=st.none() | instants)
    def withdraw(self, number: int, when: datetime | None) -> None:
        """An entry is taken back, or stands again."""
        if entry := self.entry(number):
            withdraw(entry, self.people[0], when)

    def diagnosis(self, number: int) -> Diagnosis | None:
        """One of the diagnoses, if there is any."""
        found = list(Diagnosis.objects.order_by("pk"))
        return found[number % len(found)] if found else None


@pytest.mark.django_db
def test_cells_of_the_cycle_equal_a_recompute_after_any_sequence_of_deeds() -> None:
    run(examples=20, steps=30, machine=Cycle)


@pytest.mark.long
@pytest.mark.django_db
def test_cells_of_the_cycle_equal_a_recompute_after_very_many_sequences() -> None:
    run(examples=150, steps=60, machine=Cycle)
