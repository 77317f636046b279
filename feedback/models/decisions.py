"""The history of a diagnosis: who worked on it, and what was decided about it before and why."""

from typing import ClassVar

from django.db import models

from feedback.models.diagnoses import Decision, Diagnosis
from feedback.models.feedback import Feedback
from products.models import User
from products.models.base import one_of


class DecisionChange(models.Model):
    """A decision as it was taken, replaced or taken back. Only ever added to."""

    diagnosis = models.ForeignKey(Diagnosis, on_delete=models.PROTECT, related_name="decision_changes", db_index=False)
    from_decision = models.CharField(max_length=7, choices=Decision, blank=True, default="")
    to_decision = models.CharField(max_length=7, choices=Decision, blank=True, default="")
    reason = models.CharField(max_length=2000, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            one_of("from_decision", Decision.values, name="feedback_decisionchange_from_is_known"),
            one_of("to_decision", Decision.values, name="feedback_decisionchange_to_is_known"),
        ]
        # The history on a diagnosis's page.
        indexes: ClassVar = [models.Index(fields=["diagnosis", "at"], name="feedback_decision_history")]

    def __str__(self) -> str:
        return f"{self.diagnosis}: {self.get_to_decision_display()}"


class Deed(models.TextChoices):
    """What somebody did to a diagnosis."""

    STARTED = "started", "Started it"
    ANSWERED = "answered", "Changed the answers"
    DIAGNOSED = "diagnosed", "Marked it diagnosed"
    TOOK_IN = "took_in", "Took in"
    TOOK_OUT = "took_out", "Took out"


class DiagnosisEvent(models.Model):
    """Somebody did something to a diagnosis; ``feedback`` is the entry that it began with, was taken in or out. Only ever added to."""

    Deed = Deed
    diagnosis = models.ForeignKey(Diagnosis, on_delete=models.PROTECT, related_name="events", db_index=False)
    deed = models.CharField(max_length=10, choices=Deed)
    feedback = models.ForeignKey(
        Feedback, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            one_of("deed", Deed.values, name="feedback_diagnosisevent_deed_is_known"),
            models.CheckConstraint(
                condition=models.Q(deed__in=["answered", "diagnosed"]) ^ models.Q(feedback__isnull=False),
                name="feedback_diagnosisevent_names_the_entry",
            ),
        ]
        # The history on a diagnosis's page, and who changed it last.
        indexes: ClassVar = [models.Index(fields=["diagnosis", "at"], name="feedback_diagnosis_history")]

    def __str__(self) -> str:
        return f"{self.get_deed_display()} {self.feedback or self.diagnosis}"
