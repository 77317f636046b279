"""Derived tables and their to-do list: marks say what changed, rollups hold the mergeable sums.

Everything here may be emptied and rebuilt from the facts at any moment.
"""

from typing import ClassVar

from django.db import models

from products.models import Product

SUMS = {"max_digits": 36, "decimal_places": 6, "default": 0}


class Mark(models.Model):
    """A (product, days) whose facts changed. Appended by triggers, deleted by the drain, never updated."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField()
    until = models.DateField(help_text="First day that is no longer touched; day + 1 for a single day.")
    source = models.CharField(max_length=40)
    marked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("day")), name="metrics_mark_covers_a_day")
        ]
        # Serves the drain, which takes a bucket's marks together.
        indexes: ClassVar = [models.Index(fields=["product", "day"], name="metrics_marks_by_bucket")]

    def __str__(self) -> str:
        return f"{self.product_id} on {self.day}"


class Sums(models.Model):
    """Mergeable sums of one measure of one product over one span; figures are computed from them when read."""

    measure = models.CharField(max_length=40)
    n = models.BigIntegerField(default=0)
    total = models.DecimalField(**SUMS)
    squares = models.DecimalField(**SUMS)
    numerator = models.DecimalField(**SUMS)
    denominator = models.DecimalField(**SUMS)
    is_partial = models.BooleanField(default=False)
    restated_on = models.DateField(null=True, blank=True, help_text="The day a correction last changed the facts.")

    class Meta:
        abstract = True


class Rollup(Sums):
    """The sums of one day, cut in the product's time zone."""

    pk = models.CompositePrimaryKey("product", "measure", "day")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        # The first serves the drain, which takes all cells of a day together; the second what pages ask of feedback and
        # the cycle: readings, a hundred times as many, do not make it deeper.
        indexes: ClassVar = [
            models.Index(fields=["product", "day"], name="metrics_cells_by_day"),
            models.Index(
                fields=["product", "measure", "day"],
                include=["n"],
                condition=~models.Q(measure__startswith="kpi:"),
                name="metrics_counts_beside_kpis",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.product_id} on {self.day}"


class WeeklyRollup(Sums):
    """The sums of one ISO week, merged from its days; what sparklines and period totals read."""

    pk = models.CompositePrimaryKey("product", "measure", "week")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    week = models.DateField(help_text="Its Monday.")

    def __str__(self) -> str:
        return f"{self.measure} of {self.product_id} in the week of {self.week}"


class Trouble(models.Model):
    """A (product, week) bucket whose refresh failed: counted before the work, quarantined after three attempts."""

    # From this many failed attempts on, a figure is shown as "stale since" and tried again hourly.
    QUARANTINED_AFTER = 3

    pk = models.CompositePrimaryKey("product", "week")
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    week = models.DateField()
    attempts = models.PositiveIntegerField(default=0)
    stale_since = models.DateTimeField()
    next_try_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.product_id} in the week of {self.week}, {self.attempts} attempts"
