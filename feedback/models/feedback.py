"""What was heard, and whose voice it was."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models

from feedback.models.accounts import Account
from feedback.models.diagnoses import Diagnosis
from products.models import Product, User
from products.models.base import LIKENESS, all_or_none, one_of


class Channel(models.TextChoices):
    """How feedback reached us."""

    CHAT = "chat", "Chat"
    MAIL = "mail", "Mail"
    CALL = "call", "Call"
    MEETING = "meeting", "Meeting"
    INTERVIEW = "interview", "Interview"
    SURVEY = "survey", "Survey"
    TICKET = "ticket", "Ticket"
    ACCOUNT_MANAGER = "account_manager", "Account manager"
    IN_APP = "in_app", "In the product"
    API = "api", "API"
    IMPORT = "import", "Import"


class Sentiment(models.TextChoices):
    """How it was said."""

    UNKNOWN = "", "Not said"
    NEGATIVE = "negative", "Negative"
    NEUTRAL = "neutral", "Neutral"
    POSITIVE = "positive", "Positive"


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """Entries of feedback."""

    def standing(self) -> "FeedbackQuerySet":
        """Those that lists and counts show: neither merged into another nor withdrawn."""
        return self.filter(merged_into__isnull=True, withdrawn_at__isnull=True)


class Feedback(models.Model):
    """One thing that somebody told us, in their words where possible. Undoing withdraws it; nothing is deleted."""

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="feedback", db_index=False
    )
    text = models.CharField(max_length=2000)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    channel = models.CharField(max_length=16, choices=Channel)
    logged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="logged_feedback")
    severity = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 (nuisance) to 4 (cannot work).")
    sentiment = models.CharField(max_length=8, choices=Sentiment, blank=True, default="")
    source = models.CharField(max_length=80)
    source_id = models.CharField(max_length=200)
    fingerprint = models.CharField(
        max_length=64, help_text="SHA-256 of the entry's meaning; tells replay from conflict."
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    diagnosis = models.ForeignKey(
        Diagnosis, on_delete=models.PROTECT, null=True, blank=True, related_name="feedback", db_index=False
    )
    revision = models.PositiveIntegerField(
        default=1, db_default=1, help_text="Grows with each edit; tells an edit conflict."
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "source_id"], name="feedback_feedback_once_for_ever"),
            one_of("channel", Channel.values, name="feedback_feedback_channel_is_known"),
            one_of("sentiment", Sentiment.values, name="feedback_feedback_sentiment_is_known"),
            models.CheckConstraint(condition=~models.Q(text=""), name="feedback_feedback_says_something"),
            models.CheckConstraint(
                condition=~models.Q(source="") & ~models.Q(source_id=""), name="feedback_feedback_has_a_key"
            ),
            models.CheckConstraint(
                condition=models.Q(severity__isnull=True) | models.Q(severity__range=(1, 4)),
                name="feedback_feedback_severity_is_1_to_4",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")),
                name="feedback_feedback_not_merged_into_itself",
            ),
            all_or_none("withdrawn_by", "withdrawn_at", name="feedback_feedback_withdrawal_names_who_and_when"),
        ]
        indexes: ClassVar = [
            # Serves the rollup source and the newest-first lists of a product.
            models.Index(fields=["product", "received_at"], name="feedback_by_product_day"),
            # Whose group an entry made older.
            models.Index(
                fields=["received_at"],
                condition=models.Q(merged_into__isnull=False),
                name="feedback_merged_by_time",
            ),
            # What is behind a diagnosis, and what was merged into an entry, with what their ages need: no row is read.
            models.Index(
                fields=["diagnosis"],
                include=["id", "received_at", "withdrawn_at"],
                condition=models.Q(diagnosis__isnull=False),
                name="feedback_behind_diagnosis",
            ),
            models.Index(
                fields=["merged_into", "received_at"],
                include=["withdrawn_at"],
                condition=models.Q(merged_into__isnull=False),
                name="feedback_merged_into",
            ),
            # The inbox and its counts: what stands and belongs to no diagnosis yet.
            models.Index(
                fields=["product", "-id"],
                condition=models.Q(merged_into__isnull=True, withdrawn_at__isnull=True, diagnosis__isnull=True),
                name="feedback_open_by_product",
            ),
            # Similar while typing: shared words in all entries, the same spelling within a product.
            GinIndex(SearchVector("text", config="english"), name="feedback_by_words"),
            GistIndex("product", OpClass("text", name=LIKENESS), name="feedback_by_spelling"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The short key that people read, for example ``FB-402``."""
        return f"FB-{self.pk}"


class Voice(models.Model):
    """Whose feedback it was: a colleague, or a customer's account through a colleague. One voice each."""

    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="voices")
    colleague = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="voices")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="voices")
    via = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="relayed_voices")
    people_affected = models.PositiveIntegerField(null=True, blank=True)
    hours_lost_monthly = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(colleague__isnull=True) ^ models.Q(account__isnull=True),
                name="feedback_voice_is_a_colleague_or_an_account",
            ),
            models.UniqueConstraint(
                fields=["feedback", "colleague"],
                condition=models.Q(colleague__isnull=False),
                name="feedback_voice_one_per_colleague",
            ),
            models.UniqueConstraint(
                fields=["feedback", "account"],
                condition=models.Q(account__isnull=False),
                name="feedback_voice_one_per_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.colleague or self.account} on {self.feedback}"


class FeedbackEdit(models.Model):
    """What an entry said before somebody edited it. Only ever added to."""

    feedback = models.ForeignKey(Feedback, on_delete=models.PROTECT, related_name="edits", db_index=False)
    revision = models.PositiveIntegerField(help_text="The one that was replaced.")
    text = models.CharField(max_length=2000)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    severity = models.PositiveSmallIntegerField(null=True, blank=True)
    sentiment = models.CharField(max_length=8, choices=Sentiment, blank=True, default="")
    channel = models.CharField(max_length=16, choices=Channel)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feedback", "revision"], name="feedback_feedbackedit_one_per_revision")
        ]

    def __str__(self) -> str:
        return f"{self.feedback}, revision {self.revision}"
