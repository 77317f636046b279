"""What a release is held to: the KPIs that it, or a feature it carries, named before anybody could see what came of it.

Versions are never changed: an edit supersedes the version that stood and adds the next. Triggers see to it, and refuse to
date a version, or its end, before an exposure that is on record. So what stood when a release went live stands for good.
"""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from metrics.models.kpis import Kpi
from products.models import Feature, Release, User
from products.models.base import all_or_none, one_of

WINDOWS = (7, 14, 28)
MOST_CONTROLS = 3
LONGEST_ROLL_OUT = 60


class ExpectedChange(models.TextChoices):
    """Which way a KPI is to go; a guardrail is to stay."""

    RISE = "rise", "Rises"
    FALL = "fall", "Falls"
    STAY = "stay", "Does not get worse"


class Standing(Func):
    """The span ``[start, end)`` in which a version stands; without an end it stands still."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


def one_at_a_time(*same: str, start: str, end: str, name: str, condition: Q | None = None) -> ExclusionConstraint:
    """Of rows that agree on the columns ``same``, one stands at any time, and stood at any time before."""
    standing = Standing(F(start), F(end), RangeBoundary())
    return ExclusionConstraint(
        name=name,
        expressions=[*[(column, RangeOperators.EQUAL) for column in same], (standing, RangeOperators.OVERLAPS)],
        condition=condition,
    )


class Commitment(models.Model):
    """One version of what a feature or a release is to do to one KPI.

    It is locked for a release from that release's first exposure on, and was *named afterwards* where it was declared no
    earlier. ``expected_change`` is relative for sums (0.02 = 2 %), in percentage points for ratios and in points for means, as
    ``metrics.stats.natural`` has it, and without a sign.
    ``detectable`` is on the scale of z, ``detectable_natural`` in the KPI's unit (``metrics.stats.natural``), both from the past
    up to the declaration; where there are none, ``undetectable`` says why.
    """

    Direction = ExpectedChange
    feature = models.ForeignKey(
        Feature, on_delete=models.PROTECT, null=True, blank=True, related_name="commitments", db_index=False
    )
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, blank=True, related_name="commitments", db_index=False
    )
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="commitments", db_index=False)
    version = models.PositiveIntegerField(help_text="1, 2, 3 … for each KPI of a feature or release.")
    is_main = models.BooleanField(default=False)
    is_guardrail = models.BooleanField(default=False)
    direction = models.CharField(max_length=4, choices=ExpectedChange)
    expected_change = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    window_days = models.PositiveSmallIntegerField(default=14)
    roll_out_days = models.PositiveSmallIntegerField(default=0)
    control_count = models.PositiveSmallIntegerField(default=0, help_text="How many rows of controls belong to it.")
    detectable = models.FloatField(null=True, blank=True)
    detectable_natural = models.FloatField(null=True, blank=True)
    undetectable = models.CharField(max_length=300, blank=True)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    declared_at = models.DateTimeField()
    superseded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    superseded_at = models.DateTimeField(
        null=True, blank=True, help_text="By the next version, or because it was taken back."
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(feature__isnull=True) ^ Q(release__isnull=True),
                name="metrics_commitment_is_of_a_feature_or_a_release",
            ),
            one_of("direction", ExpectedChange.values, name="metrics_commitment_direction_is_known"),
            models.CheckConstraint(
                condition=Q(is_guardrail=True, direction="stay", is_main=False, expected_change__isnull=True)
                | Q(is_guardrail=False) & ~Q(direction="stay"),
                name="metrics_commitment_guardrails_and_no_others_stay",
            ),
            models.CheckConstraint(
                condition=Q(expected_change__isnull=True) | Q(expected_change__gt=0),
                name="metrics_commitment_expects_some_change",
            ),
            models.CheckConstraint(
                condition=Q(window_days__in=WINDOWS), name="metrics_commitment_window_is_7_14_or_28_days"
            ),
            models.CheckConstraint(
                condition=Q(roll_out_days__lte=LONGEST_ROLL_OUT), name="metrics_commitment_roll_out_ends"
            ),
            models.CheckConstraint(
                condition=Q(control_count__lte=MOST_CONTROLS), name="metrics_commitment_three_controls_at_most"
            ),
            all_or_none("detectable", "detectable_natural", name="metrics_commitment_detectable_has_a_unit"),
            models.CheckConstraint(
                condition=Q(detectable__isnull=True) ^ Q(undetectable=""),
                name="metrics_commitment_says_what_it_could_detect_or_why_not",
            ),
            all_or_none("superseded_by", "superseded_at", name="metrics_commitment_end_names_who_and_when"),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("declared_at")),
                name="metrics_commitment_ends_after_it_was_declared",
            ),
            *[
                constraint
                for subject in ("feature", "release")
                for constraint in (
                    models.UniqueConstraint(
                        fields=[subject, "kpi", "version"],
                        condition=Q(**{f"{subject}__isnull": False}),
                        name=f"metrics_commitment_one_per_version_of_a_{subject}",
                    ),
                    one_at_a_time(
                        subject,
                        "kpi",
                        start="declared_at",
                        end="superseded_at",
                        name=f"metrics_commitment_one_version_stands_for_a_{subject}",
                        condition=Q(**{f"{subject}__isnull": False}),
                    ),
                    one_at_a_time(
                        subject,
                        start="declared_at",
                        end="superseded_at",
                        name=f"metrics_commitment_one_main_kpi_of_a_{subject}",
                        condition=Q(is_main=True, **{f"{subject}__isnull": False}),
                    ),
                )
            ],
        ]
        # Which releases named a KPI: the others that an effect is read among.
        indexes: ClassVar = [models.Index(fields=["kpi", "declared_at"], name="metrics_commitments_by_kpi")]

    def __str__(self) -> str:
        return f"{self.subject} names {self.kpi}"

    @property
    def subject(self) -> Feature | Release:
        """Who named the KPI."""
        subject = self.feature or self.release
        assert subject is not None, "the database lets none be without"  # noqa: S101
        return subject


class CommitmentControl(models.Model):
    """A KPI that the release cannot touch, named with the commitment. A trigger holds it to what a control may be."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="controls", db_index=False)
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="controlled")
    place = models.PositiveSmallIntegerField(help_text="1 to the commitment's control_count.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["commitment", "place"], name="metrics_commitmentcontrol_one_in_a_place"),
            models.UniqueConstraint(fields=["commitment", "kpi"], name="metrics_commitmentcontrol_each_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} for {self.commitment_id}"
