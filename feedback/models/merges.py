"""Entries that say the same: merges with the way back, and pairs that are not the same after all."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from feedback.models.feedback import Feedback
from products.models import User
from products.models.base import all_or_none


class Merge(models.Model):
    """One merging of an entry, and of those that had been merged into it, into another; undone it restores exactly.

    Links only: nothing is copied. A trigger sees that nothing is merged into what is itself merged.
    """

    root = models.ForeignKey(Feedback, on_delete=models.PROTECT, related_name="merges_into")
    merged = models.ForeignKey(Feedback, on_delete=models.PROTECT, related_name="merges_of")
    moved = ArrayField(models.BigIntegerField(), default=list, help_text="Entries that had been merged into it.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    undone_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(root=models.F("merged")), name="feedback_merge_joins_two"),
            models.UniqueConstraint(
                fields=["merged"], condition=models.Q(undone_at__isnull=True), name="feedback_merge_one_at_a_time"
            ),
            all_or_none("undone_by", "undone_at", name="feedback_merge_undoing_names_who_and_when"),
        ]

    def __str__(self) -> str:
        return f"{self.merged.key} into {self.root.key}"


class NotDuplicate(models.Model):
    """Two entries that somebody looked at and found to say different things; they are not suggested again."""

    first = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="feedback_notduplicate_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="feedback_notduplicate_lower_key_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
