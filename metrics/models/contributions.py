"""What people do outside the products, and who confirms it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from products.models import User
from products.models.base import Dated, never_empty, one_of

MOST_TOLD, MOST_ANSWERED = 400, 400


class ContributionKind(models.TextChoices):
    """What kind of work it is; none of them counts for more than another."""

    VISION = "vision", "Vision"
    CULTURE = "culture", "Culture"
    ROADMAP = "roadmap", "Roadmap"
    HIRING = "hiring", "Hiring"
    MENTORING = "mentoring", "Mentoring"
    PROCESS = "process", "Process"
    COMMUNITY = "community", "Community"


class Contribution(Dated):
    """Work of ``person`` outside any product, in his own words. It stays as it was told; it can be withdrawn."""

    Kind = ContributionKind
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contributions", db_index=False)
    kind = models.CharField(max_length=10, choices=ContributionKind)
    what = models.CharField(max_length=MOST_TOLD)
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            one_of("kind", ContributionKind.values, name="metrics_contribution_kind_is_known"),
            models.CheckConstraint(condition=~Q(what=""), name="metrics_contribution_says_what"),
            never_empty(name="metrics_contribution_period_is_never_empty"),
        ]
        indexes: ClassVar = [
            # The page of one person.
            models.Index(fields=["person", "-id"], name="metrics_contribution_of_person"),
        ]

    def __str__(self) -> str:
        return f"C-{self.pk}"

    @property
    def key(self) -> str:
        """``C-12``."""
        return f"C-{self.pk}"


class ContributionAnswer(models.TextChoices):
    """What a beneficiary says of it."""

    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Could not confirm it"


class ContributionAsk(models.Model):
    """A colleague who had something of a contribution, asked to confirm it. Answered once; triggers guard who and when."""

    Answer = ContributionAnswer
    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="asks", db_index=False)
    asked = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=ContributionAnswer, blank=True)
    words = models.CharField(max_length=MOST_ANSWERED, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contribution", "asked"], name="metrics_contributionask_one_per_colleague"),
            one_of("answer", ["", *ContributionAnswer.values], name="metrics_contributionask_answer_is_known"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, words="")
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="metrics_contributionask_is_answered_at_an_instant",
            ),
        ]
        indexes: ClassVar = [
            # What one colleague is asked.
            models.Index(fields=["asked"], condition=Q(answer=""), name="metrics_contributionask_open"),
        ]

    def __str__(self) -> str:
        return f"{self.asked} about C-{self.contribution_id}"
