"""What is written between a person and his lead: notes for the next talk, the lead's own judgement, and what was handed out."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from products.models import User

MOST_NOTED, MOST_JUDGED = 1000, 4000


class TalkNote(models.Model):
    """What a person wants to talk about with his lead. Rows are only added; the newest one stands."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="talk_notes", db_index=False)
    talk_on = models.DateField(null=True, blank=True)
    going_well = models.TextField(max_length=MOST_NOTED, blank=True)
    in_the_way = models.TextField(max_length=MOST_NOTED, blank=True)
    to_try = models.TextField(max_length=MOST_NOTED, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # The page of one person.
            models.Index(fields=["person", "-id"], name="metrics_talknote_of_person"),
        ]

    def __str__(self) -> str:
        return f"Notes of {self.person_id}"


class LeadNote(models.Model):
    """A lead's judgement of a person's quarter beside the numbers; the person reads it too. Every version stays.

    Triggers guard that the person's lead writes it, and that versions follow each other.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="lead_notes", db_index=False)
    quarter = models.DateField()
    version = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=MOST_JUDGED)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "quarter", "version"], name="metrics_leadnote_one_per_version"),
            models.CheckConstraint(
                condition=Q(quarter__day=1, quarter__month__in=[1, 4, 7, 10]), name="metrics_leadnote_is_of_a_quarter"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="metrics_leadnote_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in the quarter of {self.quarter}, version {self.version}"


class ReviewPack(models.Model):
    """A person's record of the days ``[since, until)`` as it stood when it was frozen.

    ``body`` is JSON, byte for byte what the file holds; ``digest`` its SHA-256, which the database checks.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="review_packs", db_index=False)
    since = models.DateField()
    until = models.DateField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    body = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(since__lt=models.F("until")), name="metrics_reviewpack_has_days"),
        ]
        indexes: ClassVar = [
            # The page of one person.
            models.Index(fields=["person", "-id"], name="metrics_reviewpack_of_person"),
        ]

    def __str__(self) -> str:
        return f"Pack of {self.person_id}, {self.since} to {self.until}"
