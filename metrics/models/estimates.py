"""What releases did to KPIs, as derived rows: emptied and rebuilt from the facts at any moment, and read as they are."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from metrics.models.kpis import Kpi
from products.models import Product, Release
from products.models.base import all_or_none, one_of


class EstimateBasis(models.TextChoices):
    """What a reading rests on."""

    PAST = "past", "The KPI's own past, days with events left out"
    PLAIN = "plain", "The KPI's own past, days with events left in"
    EXPERIMENT = "experiment", "A randomised experiment"


class EstimateWord(models.TextChoices):
    """What can be said (impact.md §2), as ``metrics.stats.verdicts`` says it."""

    WITHDRAWN = "withdrawn", "Withdrawn"
    NOT_ENOUGH_DATA = "not_enough_data", "Not enough data"
    TOO_EARLY = "too_early", "Too early"
    CLEARLY = "clearly", "Clearly"
    PROBABLY = "probably", "Probably"
    NO_REAL_CHANGE = "no_real_change", "No real change"
    CANNOT_TELL = "cannot_tell", "Cannot tell"


class Estimate(models.Model):
    """What one release did to one KPI, on one basis. Figures are on the scale of z (``metrics.stats.effects``), or there is a reason.

    ``product`` is the KPI's. ``level``, ``form`` and ``steps`` say what was expected, from which figures in the KPI's unit
    follow. ``picture`` holds the window's days and the effects on quiet dates; it is large, and read by one page only.
    """

    Basis = EstimateBasis
    Word = EstimateWord
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="estimates", db_index=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="estimates", db_index=False)
    basis = models.CharField(max_length=10, choices=EstimateBasis)
    is_preferred = models.BooleanField(help_text="The one that lists show; an experiment beats the past.")
    is_main = models.BooleanField(help_text="The KPI was named as the main one.")
    is_guardrail = models.BooleanField(help_text="The KPI was to stay as it is.")
    named_at = models.DateTimeField(help_text="When the KPI was named for the release.")
    is_named_before = models.BooleanField(help_text="Whether that was before anybody had the release.")
    detectable = models.FloatField(
        null=True, help_text="Smallest detectable effect on the scale of z, as stored when named."
    )
    control_ids = ArrayField(models.BigIntegerField(), default=list)

    word = models.CharField(max_length=15, choices=EstimateWord)
    words = models.CharField(max_length=400, help_text="The verdict as people read it.")
    is_struck = models.BooleanField(default=False, help_text="A full reading of a release that was taken back later.")
    reason = models.CharField(max_length=15, blank=True)

    live_on = models.DateField(help_text="On the clock of the KPI's product.")
    window_start = models.DateField(null=True, help_text="The first day of the release, or of the first of its bundle.")
    planned = models.PositiveSmallIntegerField(help_text="Steps that were to be read.")
    roll_out = models.PositiveSmallIntegerField(default=0)
    horizon = models.PositiveSmallIntegerField(default=0)
    weeks = models.PositiveSmallIntegerField(default=0)
    members = models.PositiveSmallIntegerField(default=1)
    is_early = models.BooleanField(default=False)
    is_cut = models.BooleanField(default=False)
    is_busy = models.BooleanField(default=False)

    effect = models.FloatField(null=True)
    se = models.FloatField(null=True)
    df = models.FloatField(null=True)
    p = models.FloatField(null=True)
    reaches = ArrayField(
        models.FloatField(), size=3, null=True, help_text="Half the widths of the 50, 90 and 95 % intervals."
    )
    least = models.FloatField(null=True, help_text="Smallest detectable effect as of this reading.")
    quiet_dates = models.PositiveIntegerField(default=0)
    usual = models.FloatField(null=True, help_text="Nine in ten quiet dates stayed within it.")
    form = models.CharField(max_length=5, blank=True)
    level = models.FloatField(null=True)
    steps = models.PositiveSmallIntegerField(default=0)
    shares = ArrayField(models.FloatField(), default=list, help_text="The controls' coefficients.")

    method = models.CharField(max_length=40)
    digest = models.CharField(max_length=32, help_text="Of everything that the reading hangs on.")
    as_of = models.DateField(null=True, help_text="The last loaded day.")
    look_again_on = models.DateField(null=True, help_text="From this day on, time alone may change the reading.")
    computed_at = models.DateTimeField()
    picture = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "kpi", "basis"], name="metrics_estimate_one_per_basis"),
            # Lists take one row of each release and KPI.
            models.UniqueConstraint(
                fields=["kpi", "release"], condition=Q(is_preferred=True), name="metrics_estimate_one_is_preferred"
            ),
            one_of("basis", EstimateBasis.values, name="metrics_estimate_basis_is_known"),
            one_of("word", EstimateWord.values, name="metrics_estimate_word_is_known"),
            all_or_none("effect", "se", "df", "p", "reaches", name="metrics_estimate_effect_has_an_error"),
            models.CheckConstraint(
                condition=Q(effect__isnull=True) ^ Q(reason=""), name="metrics_estimate_has_figures_or_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(word__in=["withdrawn", "not_enough_data"]) | Q(effect__isnull=False),
                name="metrics_estimate_says_nothing_without_figures",
            ),
        ]
        # The drain's own rows, and the lists of products; then what time alone may change.
        indexes: ClassVar = [
            models.Index(fields=["product", "live_on"], name="metrics_estimates_by_product"),
            models.Index(
                fields=["look_again_on"], condition=Q(look_again_on__isnull=False), name="metrics_estimates_by_look"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} and {self.kpi_id}: {self.words}"
