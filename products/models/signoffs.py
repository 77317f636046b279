"""Sign-offs: which functions a release of a product needs, who was asked, and what they decided."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from products.models.base import one_of
from products.models.letters import SecretLink, Sending, expires_later, sent_or_dropped, to_send, used_in_time
from products.models.people import User
from products.models.products import AllyFunction, Product
from products.models.releases import Release

MOST_DUE_DAYS = 90


class SignOffDecision(models.TextChoices):
    """What became of a sign-off; open ones have none."""

    OPEN = "", "Open"
    APPROVED = "approved", "Approved"
    CONDITIONS = "conditions", "Approved with conditions"
    REJECTED = "rejected", "Rejected"
    WAIVED = "waived", "Waived"


# Those that let a release go live.
CLEARED = (SignOffDecision.APPROVED, SignOffDecision.CONDITIONS, SignOffDecision.WAIVED)


class SignOffRule(models.Model):
    """A function whose sign-off releases need: of one product, or of every external one. Ended, never overwritten.

    A product's own rule stands before the general one of the same function; with no days it says that none is needed.
    """

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="sign_off_rules", db_index=False
    )
    function = models.CharField(max_length=20, choices=AllyFunction)
    due_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="None: no sign-off is needed.")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            one_of("function", AllyFunction.values, name="products_signoffrule_function_is_known"),
            models.CheckConstraint(
                condition=Q(due_days__isnull=True, product__isnull=False)
                | Q(due_days__gte=1, due_days__lte=MOST_DUE_DAYS),
                name="products_signoffrule_has_days_or_a_product",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("made_at")),
                name="products_signoffrule_ends_after_it_is_made",
            ),
            models.UniqueConstraint(
                fields=["product", "function"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="products_signoffrule_one_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_function_display()} for {self.product or 'external products'}"


class SignOff(models.Model):
    """One function asked whether a release may go live. Asked by rule where nobody is named as the requester."""

    Decision = SignOffDecision
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="sign_offs")
    function = models.CharField(max_length=20, choices=AllyFunction)
    approver = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="sign_offs", db_index=False
    )
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    requested_at = models.DateTimeField()
    due_on = models.DateField()
    decision = models.CharField(max_length=10, choices=SignOffDecision, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=1000, blank=True, help_text="Conditions, or the reason.")
    evidence_url = models.URLField(max_length=1000, blank=True)
    revision = models.PositiveIntegerField(default=1, help_text="Grows with each change; tells an edit conflict.")

    class Meta:
        constraints: ClassVar = [
            one_of("function", AllyFunction.values, name="products_signoff_function_is_known"),
            one_of("decision", SignOffDecision.values, name="products_signoff_decision_is_known"),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | Q(requested_by__isnull=True) | ~Q(approver=F("requested_by")),
                name="products_signoff_approver_is_not_the_requester",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(decision="") & Q(decided_by__isnull=False, decided_at__gte=F("requested_at")),
                name="products_signoff_decision_names_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "waived"]) | Q(approver__isnull=False, decided_by=F("approver")),
                name="products_signoff_only_its_approver_decides",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["conditions", "rejected", "waived"]) | ~Q(words=""),
                name="products_signoff_says_why",
            ),
            models.UniqueConstraint(
                fields=["release", "function"], condition=Q(decision=""), name="products_signoff_one_is_open"
            ),
        ]
        indexes: ClassVar = [
            # What waits for somebody.
            models.Index(fields=["approver", "due_on"], condition=Q(decision=""), name="products_signoff_waiting"),
            # How long a function usually takes.
            models.Index(
                fields=["function", "decided_at"],
                condition=Q(decision__in=["approved", "conditions", "rejected"]),
                name="products_signoff_usual",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_function_display()} for {self.release_id}"


class SignOffLetter(Sending):
    """A letter that asks for a sign-off."""

    sign_off = models.ForeignKey(SignOff, on_delete=models.PROTECT, related_name="letters")
    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [sent_or_dropped("products_signoffletter_is_sent_or_dropped")]
        indexes: ClassVar = [
            to_send("products_signoffletter_to_send"),
            # One person's letters, newest first.
            models.Index(fields=["to", "-id"], name="products_signoffletter_to"),
        ]

    def __str__(self) -> str:
        return f"A letter about {self.sign_off_id}"


class SignOffLink(SecretLink):
    """A link that lets whoever is asked decide one sign-off, once, without signing in."""

    sign_off = models.ForeignKey(SignOff, on_delete=models.PROTECT, related_name="links")

    class Meta:
        constraints: ClassVar = [
            expires_later("products_signofflink_expires_later"),
            used_in_time("products_signofflink_is_used_in_time"),
        ]

    def __str__(self) -> str:
        return f"A link about {self.sign_off_id}"


class ExposureStage(models.Model):
    """From which day on which share of users is to have a release, or has it."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="stages", db_index=False)
    day = models.DateField()
    percent = models.PositiveSmallIntegerField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    noted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "day"], name="products_exposurestage_one_a_day"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="products_exposurestage_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % from {self.day}"
