"""Enablements: whose work made whose work possible, what it saved, who says so, and everything that was said about it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from metrics.stats.split import HORIZON
from products.models import Feature, Product, Release, Team, User
from products.models.base import all_or_none, one_of

MOST_DAYS = int(HORIZON)
MOST_LINKS = 5


class EnablementKind(models.TextChoices):
    """How work helped other work."""

    ENABLED = "enabled", "Enabled"
    UNBLOCKED = "unblocked", "Unblocked"
    ACCELERATED = "accelerated", "Accelerated"


class EnablementState(models.TextChoices):
    """Where an enablement stands. Adjusted is confirmed with other figures; measured is confirmed and on record."""

    CLAIMED = "claimed", "Claimed"
    CONFIRMED = "confirmed", "Confirmed"
    ADJUSTED = "adjusted", "Confirmed, with other figures"
    DISPUTED = "disputed", "Disputed"
    MEASURED = "measured", "Measured"
    EXPIRED = "expired", "Not answered in time"
    WITHDRAWN = "withdrawn", "Withdrawn"


ANSWERED = (
    EnablementState.CONFIRMED,
    EnablementState.ADJUSTED,
    EnablementState.DISPUTED,
    EnablementState.MEASURED,
)
BACKED = (EnablementState.CONFIRMED, EnablementState.ADJUSTED, EnablementState.MEASURED)
# A comparison with nothing is neither true nor false, and a check passes what is not false: so each is asked for by name.
DAYS_ARE_A_SPAN = Q(days_low__isnull=True, days_high__isnull=True) | Q(
    days_low__isnull=False,
    days_high__isnull=False,
    days_low__gte=0,
    days_high__gte=F("days_low"),
    days_high__lte=MOST_DAYS,
)


class Figures(models.Model):
    """What is said of the help: its kind, and working days from low to high, or none where nobody counted them."""

    kind = models.CharField(max_length=11, choices=EnablementKind)
    days_low = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    days_high = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)

    class Meta:
        abstract = True


class Enablement(Figures):
    """A release or product helped a feature, or work told in words. Triggers guard what it is about and who may answer."""

    Kind = EnablementKind
    State = EnablementState
    upstream_product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="enablements_given")
    upstream_release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, blank=True, related_name="enablements_given"
    )
    feature = models.ForeignKey(
        Feature, on_delete=models.PROTECT, null=True, blank=True, related_name="enablements_had"
    )
    work = models.CharField(max_length=200, blank=True, help_text="What was helped, where it is no feature.")
    downstream_product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="enablements_had"
    )
    downstream_team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="enablements_had"
    )
    statement = models.CharField(max_length=500, blank=True)
    evidence = ArrayField(models.URLField(max_length=1000), default=list, blank=True)
    claimed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    thanked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    asked = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="enablements_asked", db_index=False
    )
    asked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=EnablementState)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, help_text="Grows with each step; tells an edit conflict.")

    class Meta:
        constraints: ClassVar = [
            one_of("kind", EnablementKind.values, name="metrics_enablement_kind_is_known"),
            one_of("state", EnablementState.values, name="metrics_enablement_state_is_known"),
            models.CheckConstraint(condition=DAYS_ARE_A_SPAN, name="metrics_enablement_days_are_a_span"),
            models.CheckConstraint(
                condition=Q(feature__isnull=False, work="") | Q(feature__isnull=True) & ~Q(work=""),
                name="metrics_enablement_helps_a_feature_or_work_in_words",
            ),
            models.CheckConstraint(
                condition=Q(downstream_product__isnull=False) | Q(feature__isnull=True, downstream_team__isnull=False),
                name="metrics_enablement_work_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(downstream_product__isnull=True) | ~Q(downstream_product=F("upstream_product")),
                name="metrics_enablement_helps_others",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True) ^ Q(thanked_by__isnull=True),
                name="metrics_enablement_is_claimed_or_thanked_for",
            ),
            all_or_none("asked", "asked_at", "expires_at", name="metrics_enablement_question_has_an_end"),
            models.CheckConstraint(
                condition=Q(asked__isnull=True) | Q(state="claimed") & ~Q(asked=F("claimed_by")),
                name="metrics_enablement_asks_another_while_claimed",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[str(one) for one in ANSWERED], answered_by__isnull=False, answered_at__isnull=False
                )
                | Q(answered_by__isnull=True, answered_at__isnull=True) & ~Q(state__in=[str(one) for one in ANSWERED]),
                name="metrics_enablement_answer_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | Q(claimed_by__isnull=True) | ~Q(answered_by=F("claimed_by")),
                name="metrics_enablement_claimant_never_answers",
            ),
            models.UniqueConstraint(
                fields=["upstream_product", "upstream_release", "feature"],
                condition=Q(feature__isnull=False) & ~Q(state="withdrawn"),
                nulls_distinct=False,
                name="metrics_enablement_said_once_of_a_feature",
            ),
            models.UniqueConstraint(
                fields=["upstream_product", "upstream_release", "work", "downstream_product", "downstream_team"],
                condition=~Q(work="") & ~Q(state="withdrawn"),
                nulls_distinct=False,
                name="metrics_enablement_said_once_of_work",
            ),
        ]
        indexes: ClassVar = [
            # What waits for somebody's answer; reminders and expiry.
            models.Index(
                fields=["asked", "expires_at"], condition=Q(asked__isnull=False), name="metrics_enablement_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The short key that people read, for example ``E-211``."""
        return f"E-{self.pk}"


class EnablementDeed(models.TextChoices):
    """What happened to an enablement."""

    CLAIMED = "claimed", "Claimed it"
    THANKED = "thanked", "Thanked for it"
    ASKED = "asked", "Asked"
    REMINDED = "reminded", "Reminded"
    HANDED_ON = "handed_on", "Handed the question on to"
    CONFIRMED = "confirmed", "Confirmed it"
    ADJUSTED = "adjusted", "Confirmed it with other figures"
    DISPUTED = "disputed", "Disputed it"
    DID_NOT_KNOW = "did_not_know", "Could not tell"
    MEASURED = "measured", "Found it in the records"
    EXPIRED = "expired", "Was not answered in time"
    REOPENED = "reopened", "Opened it again"
    WITHDRAWN = "withdrawn", "Withdrew it"


class EnablementStep(Figures):
    """One step of an enablement with the figures that stood after it. Only ever added to; without ``by`` pmtrack took it."""

    Deed = EnablementDeed
    enablement = models.ForeignKey(Enablement, on_delete=models.PROTECT, related_name="steps", db_index=False)
    deed = models.CharField(max_length=12, choices=EnablementDeed)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    from_state = models.CharField(
        max_length=9, choices=EnablementState, blank=True, help_text="Empty when it was made."
    )
    to_state = models.CharField(max_length=9, choices=EnablementState)
    to = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Who is asked.",
    )
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            one_of("deed", EnablementDeed.values, name="metrics_enablementstep_deed_is_known"),
            one_of("kind", EnablementKind.values, name="metrics_enablementstep_kind_is_known"),
            one_of("from_state", ["", *EnablementState.values], name="metrics_enablementstep_from_is_known"),
            one_of("to_state", EnablementState.values, name="metrics_enablementstep_to_is_known"),
            models.CheckConstraint(condition=DAYS_ARE_A_SPAN, name="metrics_enablementstep_days_are_a_span"),
        ]
        # The chain on an enablement's page.
        indexes: ClassVar = [models.Index(fields=["enablement", "id"], name="metrics_enablement_chain")]

    def __str__(self) -> str:
        return f"{self.enablement_id}: {self.get_deed_display()}"
