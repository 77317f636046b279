"""Building blocks of every floor's tables: choices that the database checks, and dated rows."""

from collections.abc import Iterable

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models

# Trigrams for "find": a GiST index gives the nearest names first. The long signature makes it three times as fast as the default.
LIKENESS = "gist_trgm_ops(siglen=256)"


def one_of(field: str, choices: Iterable[str], *, name: str) -> models.CheckConstraint:
    """A check constraint that admits only ``choices`` in ``field``; ``name`` reads as a sentence."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": sorted(choices)}), name=name)


def never_overlapping(*same: str, name: str, condition: models.Q | None = None) -> ExclusionConstraint:
    """Rows that agree on the columns ``same`` may not have overlapping periods."""
    equal = [(column, RangeOperators.EQUAL) for column in same]
    return ExclusionConstraint(
        name=name,
        expressions=[*equal, ("period", RangeOperators.OVERLAPS)],
        condition=condition,
    )


def never_empty(*, name: str) -> models.CheckConstraint:
    """A period has a first day and holds on it: an empty one would overlap with nothing and hide from every question."""
    return models.CheckConstraint(
        condition=models.Q(period__isempty=False, period__lower_inf=False),
        name=name,
        violation_error_message="A period has a first day, and its end, where it has one, lies after that day.",
    )


def all_or_none(*columns: str, name: str) -> models.CheckConstraint:
    """Either every one of the nullable ``columns`` is filled, or none is."""
    every = models.Q(**{f"{column}__isnull": False for column in columns})
    none = models.Q(**{f"{column}__isnull": True for column in columns})
    return models.CheckConstraint(condition=every | none, name=name)


class Dated(models.Model):
    """A row that holds for a half-open span of days ``[start, end)``; it is ended, never overwritten."""

    period = DateRangeField(help_text="Half-open: the end day is the first day it no longer holds.")

    class Meta:
        abstract = True
