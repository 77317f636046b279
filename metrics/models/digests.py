"""The weekly letter to leads: who wishes it, and that it was written once for each week."""

from typing import ClassVar

from django.db import models

from metrics.models.letters import Letter
from products.models import User


class DigestWish(models.Model):
    """A person who wants the weekly letter; nobody gets it without this row."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} since {self.since}"


class WeeklyDigest(models.Model):
    """One person's letter of the week that starts on the Monday ``week``: the constraint lets nobody write a second."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    week = models.DateField()
    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="digest")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "week"], name="metrics_weeklydigest_once_a_week"),
            models.CheckConstraint(
                condition=models.Q(week__iso_week_day=1), name="metrics_weeklydigest_week_is_a_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in the week of {self.week}"
