"""Telling those who spoke that what they spoke of is there, and hearing whether it solves it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from feedback.models.accounts import Account
from feedback.models.feedback import Channel
from products.models import Release, User
from products.models.base import one_of


class Solved(models.TextChoices):
    """Whether a release solves what somebody spoke of."""

    UNKNOWN = "", "Not said yet"
    YES = "solved", "Solved"
    PARTLY = "partly", "Partly"
    NO = "not", "Not solved"


class ReleaseTelling(models.Model):
    """Somebody whose voice is behind a release was told of it: once, however many entries are theirs."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="tellings", db_index=False)
    colleague = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="tellings", db_index=False
    )
    channel = models.CharField(max_length=16, choices=Channel)
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    via = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    told_at = models.DateTimeField()
    solved = models.CharField(max_length=6, choices=Solved, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=1000, blank=True)
    noted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["release", "colleague", "account"],
                nulls_distinct=False,
                name="feedback_releasetelling_told_once",
            ),
            models.CheckConstraint(
                condition=Q(colleague__isnull=True) ^ Q(account__isnull=True),
                name="feedback_releasetelling_is_to_a_colleague_or_an_account",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=True) | Q(via__isnull=False),
                name="feedback_releasetelling_an_account_hears_through_somebody",
            ),
            one_of("channel", Channel.values, name="feedback_releasetelling_channel_is_known"),
            one_of("solved", Solved.values, name="feedback_releasetelling_solved_is_known"),
            models.CheckConstraint(
                condition=Q(solved="", solved_at__isnull=True, noted_by__isnull=True)
                | ~Q(solved="") & Q(solved_at__gte=F("told_at"), noted_by__isnull=False),
                name="feedback_releasetelling_answer_names_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.colleague or self.account} was told of {self.release_id}"
