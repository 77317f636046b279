"""KPIs: what is measured, its readings day by day, and every value that a correction replaced."""

from typing import ClassVar

from django.contrib.postgres.indexes import GistIndex
from django.db import models

from products.models import Product, Team
from products.models.base import LIKENESS, one_of

AMOUNT = {"max_digits": 24, "decimal_places": 6}


class KpiFamily(models.TextChoices):
    """What a KPI is about."""

    REVENUE = "revenue", "Revenue"
    SATISFACTION = "satisfaction", "Satisfaction"
    CONVERSION = "conversion", "Conversion"
    CHURN = "churn", "Churn"
    ADOPTION = "adoption", "Adoption"
    OTHER = "other", "Other"


class KpiForm(models.TextChoices):
    """How a day's value is made."""

    SUM = "sum", "Sum of a day"
    RATIO = "ratio", "Numerator over denominator"
    MEAN = "mean", "Mean of n values"


class KpiDirection(models.TextChoices):
    """Which way is good."""

    UP = "up", "Up is good"
    DOWN = "down", "Down is good"


class KpiCadence(models.TextChoices):
    """How often a KPI is read."""

    DAY = "day", "Every day"
    WEEK = "week", "Every week, on its Monday"


class Kpi(models.Model):
    """A figure named in a product's requirements."""

    Family = KpiFamily
    Form = KpiForm
    Direction = KpiDirection
    Cadence = KpiCadence
    slug = models.SlugField(max_length=80, unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="kpis")
    name = models.CharField(max_length=120)
    family = models.CharField(max_length=12, choices=KpiFamily)
    form = models.CharField(max_length=5, choices=KpiForm)
    cadence = models.CharField(
        max_length=4, choices=KpiCadence, default=KpiCadence.DAY, db_default=KpiCadence.DAY.value
    )
    unit = models.CharField(max_length=20, blank=True, help_text="For example '%', 'bookings' or 'points'.")
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217, for money only.")
    direction = models.CharField(max_length=4, choices=KpiDirection)
    smallest_change_worth = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(**AMOUNT, null=True, blank=True)
    is_main = models.BooleanField(default=False, help_text="The product's main measure; one at most.")
    source = models.CharField(max_length=80, blank=True, help_text="The one accepted source; the first push sets it.")

    class Meta:
        constraints: ClassVar = [
            one_of("family", KpiFamily.values, name="metrics_kpi_family_is_known"),
            one_of("form", KpiForm.values, name="metrics_kpi_form_is_known"),
            one_of("direction", KpiDirection.values, name="metrics_kpi_direction_is_known"),
            one_of("cadence", KpiCadence.values, name="metrics_kpi_cadence_is_known"),
            models.CheckConstraint(
                condition=models.Q(currency="") | models.Q(currency__regex=r"^[A-Z]{3}$"),
                name="metrics_kpi_currency_is_a_code",
            ),
            models.UniqueConstraint(
                fields=["product"], condition=models.Q(is_main=True), name="metrics_kpi_one_main_per_product"
            ),
        ]
        indexes: ClassVar = [GistIndex(fields=["name"], opclasses=[LIKENESS], name="metrics_kpi_by_likeness")]

    def __str__(self) -> str:
        return self.name


class KpiDefinition(models.Model):
    """One version of a KPI's wording; a new version breaks the line, nothing is read across it."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="definitions")
    holds_from = models.DateField()
    wording = models.CharField(max_length=1000)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kpi", "holds_from"], name="metrics_kpidefinition_one_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.kpi} from {self.holds_from}"


class ReadingStatus(models.TextChoices):
    """Whether a day is complete."""

    PARTIAL = "partial", "Partial"
    FINAL = "final", "Final"


class ReadingValues(models.Model):
    """The mergeable sums of one KPI on one day.

    sum: ``numerator`` is the day's total. ratio: ``numerator`` over ``denominator``.
    mean: ``numerator`` is the sum of the values, ``denominator`` their count, ``squares`` the sum of their squares.
    ``n`` is the number of units behind the figure (0: not said).
    """

    Status = ReadingStatus
    day = models.DateField()
    source = models.CharField(max_length=80)
    numerator = models.DecimalField(**AMOUNT)
    denominator = models.DecimalField(**AMOUNT, default=0)
    n = models.BigIntegerField(default=0)
    squares = models.DecimalField(max_digits=36, decimal_places=6, default=0)
    status = models.CharField(max_length=7, choices=ReadingStatus, default=ReadingStatus.FINAL)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class Reading(ReadingValues):
    """A KPI's value on one day from one source. Its natural key is its primary key."""

    pk = models.CompositePrimaryKey("product", "kpi", "day", "source")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="readings", db_index=False)

    class Meta:
        constraints: ClassVar = [
            one_of("status", ReadingStatus.values, name="metrics_reading_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(denominator__gte=0, n__gte=0, squares__gte=0),
                name="metrics_reading_counts_are_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} on {self.day}"


class ReadingCorrection(ReadingValues):
    """What a reading said before a later push replaced it; written by a trigger, never changed."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="corrections", db_index=False)
    replaced_at = models.DateTimeField()

    class Meta:
        # Serves "restated on" beside a day's value.
        indexes: ClassVar = [models.Index(fields=["product", "kpi", "day"], name="metrics_corrections_by_day")]

    def __str__(self) -> str:
        return f"{self.kpi_id} on {self.day}, before {self.replaced_at}"


class Usage(models.Model):
    """Who used a Type I product in one week, team by team. ``week`` is its Monday."""

    pk = models.CompositePrimaryKey("product", "team", "week")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="usage", db_index=False)
    week = models.DateField()
    active_users = models.PositiveIntegerField()
    eligible_users = models.PositiveIntegerField()
    actions = models.BigIntegerField(default=0)
    source = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(active_users__lte=models.F("eligible_users")),
                name="metrics_usage_active_are_eligible",
            ),
            models.CheckConstraint(condition=models.Q(actions__gte=0), name="metrics_usage_actions_are_not_negative"),
            models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="metrics_usage_week_is_a_monday"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} by {self.team_id} in the week of {self.week}"
