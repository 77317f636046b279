"""Credit as derived rows: whose work each measured effect was, emptied and rebuilt from estimates and enablements at any moment."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from metrics.models.kpis import Kpi
from products.models import Product, Release, Team
from products.models.base import all_or_none


class CreditMark(models.Model):
    """Something that credit hangs on changed. Appended by triggers, deleted by the drain, never updated.

    Credit runs from product to product, so a mark is the company's: what is unchanged is told by digests and not written.
    """

    source = models.CharField(max_length=60)
    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source} at {self.marked_at}"


class Derived(models.Model):
    """What is said within one KPI and one quarter, which credit never leaves. Amounts are in the KPI's own unit."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="+", db_index=False)
    period = models.DateField(help_text="The first day of the quarter in which the helped release went live.")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        abstract = True


class Credit(Derived):
    """What one product is credited with. Rows of one KPI may be added up; with all products they add up to the measured effects.

    ``throughput`` is its own effect and what others owe it; of what arrives it keeps ``kept``. Rows of one KPI and quarter share the
    columns of ``spread``, so that the error of a sum is the root of the summed squares of the summed columns.
    """

    own_effect = models.FloatField(null=True, help_text="Of its own releases; none where none was read.")
    own_error = models.FloatField(null=True)
    releases = models.PositiveIntegerField(help_text="Its own releases with an effect.")
    throughput = models.FloatField()
    kept = models.FloatField(help_text="The share, from 0 to 1, that stays of what arrives.")
    credited = models.FloatField()
    error = models.FloatField()
    spread = ArrayField(models.FloatField())
    is_exact = models.BooleanField(
        help_text="Whether the error follows from the effects' errors alone; else from draws."
    )
    horizon_days = models.PositiveSmallIntegerField()
    horizon_version = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=32, help_text="Of everything that the credit hangs on.")
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kpi", "period", "product"], name="metrics_credit_one_per_product"),
            all_or_none("own_effect", "own_error", name="metrics_credit_own_effect_has_an_error"),
            models.CheckConstraint(
                condition=Q(error__gte=0, kept__gte=0, kept__lte=1), name="metrics_credit_keeps_a_share"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["product", "period"], name="metrics_credits_by_product")]

    def __str__(self) -> str:
        return f"{self.product_id} and {self.kpi_id} in {self.period}: {self.credited:g}"


class CreditSplit(Derived):
    """Whose work one release was. ``product`` built it and keeps ``builder``; without ``effect`` it only passes on what it is owed."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="credit_splits", db_index=False)
    effect = models.FloatField(null=True)
    error = models.FloatField(null=True)
    builder = models.FloatField()
    unsized = ArrayField(models.BigIntegerField(), help_text="Enablements that saved days nobody counted: no share.")
    refused = models.CharField(max_length=500, blank=True, help_text="Why helps were left out of the split.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kpi", "period", "release"], name="metrics_creditsplit_one_per_release"),
            all_or_none("effect", "error", name="metrics_creditsplit_effect_has_an_error"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "period"], name="metrics_splits_by_product"),
            models.Index(fields=["release"], name="metrics_splits_by_release"),
        ]

    def __str__(self) -> str:
        return f"R-{self.release_id} and {self.kpi_id}: {self.builder:g} stays"


class CreditPart(models.Model):
    """One player of a split with its share, its part as unblocker or the days that it saved, and the enablements that say so."""

    split = models.ForeignKey(CreditSplit, on_delete=models.CASCADE, related_name="parts")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    unblocks = models.FloatField(
        help_text="Its part, from 0 to 1, of its team's role as unblocker; 0 where it saved days."
    )
    days_low = models.FloatField()
    days_high = models.FloatField()
    is_assumed = models.BooleanField(help_text="Nobody stated the days.")
    share = models.FloatField()
    enablements = ArrayField(models.BigIntegerField())

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(days_low__gte=0, days_high__gte=F("days_low"), share__gte=0, share__lte=1),
                name="metrics_creditpart_is_a_share",
            )
        ]

    def __str__(self) -> str:
        return f"{self.product_id} has {self.share:g} of split {self.split_id}"
