"""Letters that pmtrack sends, and the links in them that open one question without signing in."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from metrics.models.contributions import ContributionAsk
from metrics.models.enablements import Enablement
from products.models import User
from products.models.base import one_of
from products.models.letters import SecretLink, Sending, expires_later, sent_or_dropped, to_send, used_in_time


class LetterKind(models.TextChoices):
    """What a letter is for."""

    QUESTION = "question", "A question"
    REMINDER = "reminder", "A reminder"
    ANSWER = "answer", "An answer"
    DIGEST = "digest", "A week’s queue"
    CONFIRM = "confirm", "A question about a contribution"


class Letter(Sending):
    """A letter to be sent, or sent. Its words are made when it is sent, so no link is ever stored here."""

    Kind = LetterKind
    enablement = models.ForeignKey(Enablement, on_delete=models.PROTECT, null=True, blank=True, related_name="letters")
    ask = models.ForeignKey(
        ContributionAsk, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="letters", db_index=False)
    kind = models.CharField(max_length=8, choices=LetterKind)

    class Meta:
        constraints: ClassVar = [
            one_of("kind", LetterKind.values, name="metrics_letter_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="digest", enablement__isnull=True, ask__isnull=True)
                | Q(kind="confirm", enablement__isnull=True, ask__isnull=False)
                | (~Q(kind__in=["digest", "confirm"]) & Q(enablement__isnull=False, ask__isnull=True)),
                name="metrics_letter_is_about_one_thing",
            ),
            sent_or_dropped("metrics_letter_is_sent_or_dropped"),
        ]
        indexes: ClassVar = [
            to_send("metrics_letter_to_send"),
            # One person's letters, newest first.
            models.Index(fields=["to", "-id"], name="metrics_letter_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} about {self.enablement_id or self.ask_id or 'what waits'}"


class AnswerLink(SecretLink):
    """A link that lets ``person`` answer one question, once, without signing in; only its digest is kept."""

    enablement = models.ForeignKey(Enablement, on_delete=models.PROTECT, related_name="links")

    class Meta:
        constraints: ClassVar = [
            expires_later("metrics_answerlink_expires_later"),
            used_in_time("metrics_answerlink_is_used_in_time"),
        ]

    def __str__(self) -> str:
        return f"A link about {self.enablement_id}"
