"""What people bring to a release: the result of an experiment, and what they decided about it."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from metrics.models.commitments import one_at_a_time
from metrics.models.kpis import Kpi
from products.models import Release, User
from products.models.base import all_or_none, one_of

EFFECT = {"max_digits": 24, "decimal_places": 6}


class EffectScale(models.TextChoices):
    """How an effect is said, as in ``metrics.stats.natural``."""

    RELATIVE = "relative", "Part of what was expected"
    POINTS = "points", "Points"


class Experiment(models.Model):
    """The result of a randomised comparison, for one KPI of a release; it is preferred to the estimate.

    ``effect``, ``low`` and ``high`` are relative (0.02 = 2 %), or in percentage points for ratios and points for means; the interval
    is that of ``level``. A correction supersedes the row and adds another, which a trigger sees to.
    """

    Scale = EffectScale
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="experiments", db_index=False)
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="experiments")
    effect = models.DecimalField(**EFFECT)
    low = models.DecimalField(**EFFECT)
    high = models.DecimalField(**EFFECT)
    level = models.DecimalField(max_digits=4, decimal_places=3, default=Decimal("0.95"))
    scale = models.CharField(max_length=8, choices=EffectScale)
    with_it = models.PositiveBigIntegerField(help_text="Units that had the release.")
    without_it = models.PositiveBigIntegerField(help_text="Units that did not.")
    url = models.URLField(max_length=1000, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    superseded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    superseded_at = models.DateTimeField(
        null=True, blank=True, help_text="By a correction, or because it was taken back."
    )

    class Meta:
        constraints: ClassVar = [
            one_of("scale", EffectScale.values, name="metrics_experiment_scale_is_known"),
            models.CheckConstraint(
                condition=Q(low__lte=F("effect"), high__gte=F("effect")),
                name="metrics_experiment_effect_lies_in_its_interval",
            ),
            models.CheckConstraint(
                condition=Q(level__gte=0.5, level__lt=1), name="metrics_experiment_level_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(with_it__gt=0, without_it__gt=0), name="metrics_experiment_has_two_groups"
            ),
            models.CheckConstraint(
                condition=~Q(scale="relative") | Q(low__gte=-1), name="metrics_experiment_loses_no_more_than_all"
            ),
            all_or_none("superseded_by", "superseded_at", name="metrics_experiment_end_names_who_and_when"),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("entered_at")),
                name="metrics_experiment_ends_after_it_was_entered",
            ),
            one_at_a_time(
                "release",
                "kpi",
                start="entered_at",
                end="superseded_at",
                name="metrics_experiment_one_stands_for_a_kpi_of_a_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} of {self.release_id}"


class Decided(models.TextChoices):
    """What becomes of a release."""

    KEEP = "keep", "Keep it"
    CHANGE = "change", "Change it"
    ROLL_BACK = "roll_back", "Roll it back"


class ReleaseDecision(models.Model):
    """What a person decided about a release, and why. The newest holds; the table is only ever added to."""

    Decided = Decided
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    decided = models.CharField(max_length=9, choices=Decided)
    reason = models.CharField(max_length=1000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            one_of("decided", Decided.values, name="metrics_releasedecision_is_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="metrics_releasedecision_names_its_reason"),
        ]
        # The history of a release.
        indexes: ClassVar = [models.Index(fields=["release", "at"], name="metrics_decisions_of_release")]

    def __str__(self) -> str:
        return f"{self.get_decided_display()}: {self.release_id}"
