"""Diagnoses: what people were trying to do and what gets in the way, and what was decided about it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from products.models import Feature, Product, User
from products.models.base import all_or_none, one_of


class Decision(models.TextChoices):
    """What becomes of a diagnosis."""

    OPEN = "", "Not decided"
    BUILD = "build", "Build"
    WATCH = "watch", "Watch"
    DECLINE = "decline", "Decline"


class Diagnosis(models.Model):
    """Four questions about what was heard; the first three are answered before it counts as diagnosed."""

    Decision = Decision
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="diagnoses", db_index=False)
    trying_to = models.CharField(max_length=2000, blank=True, help_text="What were they trying to do?")
    in_the_way = models.CharField(max_length=2000, blank=True, help_text="What gets in the way?")
    known_from = models.CharField(max_length=2000, blank=True, help_text="How do you know?")
    solved_when = models.CharField(max_length=2000, blank=True, help_text="What would tell us it is solved?")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="started_diagnoses")
    started_at = models.DateTimeField()
    diagnosed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    diagnosed_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=7, choices=Decision, blank=True, default="")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=2000, blank=True, help_text="Why it is watched or declined.")
    revision = models.PositiveIntegerField(default=1, help_text="Grows with each edit; tells an edit conflict.")
    features = models.ManyToManyField(Feature, through="DiagnosisFeature", related_name="diagnoses")

    class Meta:
        constraints: ClassVar = [
            one_of("decision", Decision.values, name="feedback_diagnosis_decision_is_known"),
            all_or_none("diagnosed_by", "diagnosed_at", name="feedback_diagnosis_names_who_and_when"),
            all_or_none("decided_by", "decided_at", name="feedback_diagnosis_decision_names_who_and_when"),
            models.CheckConstraint(
                condition=Q(diagnosed_at__isnull=True) | ~Q(trying_to="") & ~Q(in_the_way="") & ~Q(known_from=""),
                name="feedback_diagnosis_answers_the_first_three",
            ),
            models.CheckConstraint(
                condition=Q(decision="") ^ Q(decided_at__isnull=False), name="feedback_diagnosis_decision_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["watch", "decline"]) | ~Q(reason=""),
                name="feedback_diagnosis_watching_or_declining_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(decision="build") | Q(diagnosed_at__isnull=False),
                name="feedback_diagnosis_comes_before_building",
            ),
        ]
        # A product's diagnoses, newest first, and those of its last year for what is usual.
        indexes: ClassVar = [
            models.Index(fields=["product", "-started_at"], name="feedback_diagnosis_of_product"),
            models.Index(fields=["product", "diagnosed_at"], name="feedback_diagnosis_by_day"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The short key that people read, for example ``D-12``."""
        return f"D-{self.pk}"


class DiagnosisFeature(models.Model):
    """A feature that is built because of a diagnosis."""

    diagnosis = models.ForeignKey(Diagnosis, on_delete=models.PROTECT, related_name="feature_links", db_index=False)
    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="diagnosis_links")
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    linked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["diagnosis", "feature"], name="feedback_diagnosisfeature_linked_once")
        ]

    def __str__(self) -> str:
        return f"{self.diagnosis_id} for {self.feature_id}"
