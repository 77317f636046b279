"""Going back to people: asking them, and telling them what became of what they said."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from feedback.models.accounts import Account
from feedback.models.diagnoses import Diagnosis
from feedback.models.feedback import Channel, Feedback, Voice
from products.models import Product, User
from products.models.base import one_of


class Outreach(models.Model):
    """A question to a colleague, or to a customer through one of ours: asked, booked, held. Its wait is measured.

    A trigger refuses asking an account whose consent is "no".
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="outreach", db_index=False)
    diagnosis = models.ForeignKey(Diagnosis, on_delete=models.PROTECT, null=True, blank=True, related_name="outreach")
    feedback = models.ForeignKey(Feedback, on_delete=models.PROTECT, null=True, blank=True, related_name="outreach")
    colleague = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="asked")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="outreach")
    via = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="asked_for_customers")
    purpose = models.CharField(max_length=500)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    booked_for = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=2000, blank=True)
    noted_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Who wrote the outcome.",
    )
    called_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(colleague__isnull=True) ^ Q(account__isnull=True),
                name="feedback_outreach_is_to_a_colleague_or_an_account",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=True) | Q(via__isnull=False),
                name="feedback_outreach_to_an_account_goes_through_somebody",
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="feedback_outreach_has_a_purpose"),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True) | Q(held_at__gte=F("asked_at")) & Q(called_off_at__isnull=True),
                name="feedback_outreach_is_held_after_it_is_asked",
            ),
        ]
        # Time to talk of a product, by type.
        indexes: ClassVar = [models.Index(fields=["product", "asked_at"], name="feedback_outreach_of_product")]

    def __str__(self) -> str:
        return f"{self.colleague or self.account}: {self.purpose}"


class LoopClosure(models.Model):
    """Whoever spoke was told what became of it."""

    voice = models.ForeignKey(Voice, on_delete=models.PROTECT, related_name="closures", db_index=False)
    diagnosis = models.ForeignKey(Diagnosis, on_delete=models.PROTECT, related_name="closures")
    channel = models.CharField(max_length=16, choices=Channel)
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    via = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    told_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["voice", "diagnosis"], name="feedback_loopclosure_told_once"),
            one_of("channel", Channel.values, name="feedback_loopclosure_channel_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.voice_id} was told of {self.diagnosis_id}"
