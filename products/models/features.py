"""Features: what is built because of what was heard, the stages it went through and the questions asked on the way."""

from typing import ClassVar

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from products.models.base import LIKENESS, all_or_none, one_of
from products.models.people import User
from products.models.products import Product

LONGEST_REQUIREMENT = 20_000


class Intent(models.TextChoices):
    """What a feature is for; it suggests the KPIs that are named before its release."""

    EARNS = "earns", "Earns"
    DELIGHTS = "delights", "Delights"
    CLOSES_A_GAP = "closes_a_gap", "Closes a gap"
    ENABLES = "enables", "Enables"
    OTHER = "other", "Other"


class FeatureStage(models.TextChoices):
    """How far a feature has come."""

    DIAGNOSED = "diagnosed", "Diagnosed"
    BUILDING = "building", "Building"
    RELEASED = "released", "Released"
    MEASURED = "measured", "Measured"
    PARKED = "parked", "Parked"


class Feature(models.Model):
    """Something that a PM has built. A trigger of the floor above keeps it out of *building* without a diagnosis."""

    Intent = Intent
    Stage = FeatureStage
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="features")
    title = models.CharField(max_length=200)
    requirement = models.TextField(max_length=LONGEST_REQUIREMENT, blank=True)
    intent = models.CharField(max_length=12, choices=Intent, default=Intent.OTHER)
    stage = models.CharField(max_length=10, choices=FeatureStage, default=FeatureStage.DIAGNOSED)
    stage_since = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="created_features")
    created_at = models.DateTimeField()
    co_designers = models.ManyToManyField(
        User, related_name="co_designed", blank=True, help_text="Colleagues who shape it with the PM."
    )
    waived_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    waived_at = models.DateTimeField(null=True, blank=True)
    waiver_reason = models.CharField(max_length=500, blank=True, help_text="Why it is built without a diagnosis.")
    revision = models.PositiveIntegerField(default=1, help_text="Grows with each edit; tells an edit conflict.")

    class Meta:
        constraints: ClassVar = [
            one_of("intent", Intent.values, name="products_feature_intent_is_known"),
            one_of("stage", FeatureStage.values, name="products_feature_stage_is_known"),
            models.CheckConstraint(condition=~models.Q(title=""), name="products_feature_has_a_title"),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("requirement"), LONGEST_REQUIREMENT),
                name="products_feature_requirement_is_not_too_long",
            ),
            all_or_none("waived_by", "waived_at", name="products_feature_waiver_names_who_and_when"),
            models.CheckConstraint(
                condition=models.Q(waived_at__isnull=True) ^ ~models.Q(waiver_reason=""),
                name="products_feature_waiver_names_its_reason",
            ),
        ]
        indexes: ClassVar = [
            # The board and the lists of one product's features by stage.
            models.Index(fields=["product", "stage", "stage_since"], name="products_feature_by_stage"),
            # Find or do.
            GistIndex(fields=["title"], opclasses=[LIKENESS], name="products_feature_by_likeness"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """The short key that people read, for example ``W-88``."""
        return f"W-{self.pk}"


class StageChange(models.Model):
    """Who moved a feature from where to where, and when. Only ever added to; without ``by`` the system moved it."""

    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="stage_changes", db_index=False)
    from_stage = models.CharField(max_length=10, choices=FeatureStage, blank=True, help_text="Empty when it was made.")
    to_stage = models.CharField(max_length=10, choices=FeatureStage)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            one_of("from_stage", ["", *FeatureStage.values], name="products_stagechange_from_is_known"),
            one_of("to_stage", FeatureStage.values, name="products_stagechange_to_is_known"),
            models.CheckConstraint(
                condition=~models.Q(from_stage=models.F("to_stage")), name="products_stagechange_goes_somewhere"
            ),
        ]
        # A feature's history, and how long its stages took.
        indexes: ClassVar = [models.Index(fields=["feature", "at"], name="products_stagechange_history")]

    def __str__(self) -> str:
        return f"{self.feature} to {self.get_to_stage_display()}"


class DesignQuestion(models.Model):
    """A small question that unblocks building, and how long its answer took.

    For a product of customers ``asked`` is the colleague through whom they are asked.
    """

    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="design_questions")
    question = models.CharField(max_length=500)
    asked = models.ForeignKey(User, on_delete=models.PROTECT, related_name="design_questions")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(question=""), name="products_designquestion_asks_something"),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True) ^ ~models.Q(answer=""),
                name="products_designquestion_answer_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True) | models.Q(answered_at__gte=models.F("asked_at")),
                name="products_designquestion_is_answered_after_it_is_asked",
            ),
        ]

    def __str__(self) -> str:
        return self.question


class FeatureEdit(models.Model):
    """What a feature said before somebody edited it: nothing that was written is lost. Only ever added to."""

    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="edits", db_index=False)
    revision = models.PositiveIntegerField(help_text="The one that was replaced.")
    title = models.CharField(max_length=200)
    requirement = models.TextField(max_length=LONGEST_REQUIREMENT, blank=True)
    intent = models.CharField(max_length=12, choices=Intent)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False, help_text="Who edited it.")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            # Serves the history of a feature and the words of an edit conflict, too.
            models.UniqueConstraint(fields=["feature", "revision"], name="products_featureedit_once_a_revision"),
            one_of("intent", Intent.values, name="products_featureedit_intent_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.feature_id} before {self.at:%Y-%m-%d}"
