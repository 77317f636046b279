"""What every letter and every secret link has in common, whatever it is about."""

from django.db import models

from products.models.people import User


class Sending(models.Model):
    """Something that the worker sends: when it is due, how often it was tried, and what became of it."""

    queued_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Not tried before; later after each failure.")
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True, help_text="Given up, or no longer of use.")
    trouble = models.CharField(max_length=100, blank=True, help_text="The kind of the last failure, never its words.")
    message_id = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


class SecretLink(models.Model):
    """A link that lets ``person`` answer one question, once, without signing in; only its digest is kept."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


def sent_or_dropped(name: str) -> models.CheckConstraint:
    """Nothing that was sent is given up, and the other way round."""
    return models.CheckConstraint(
        condition=models.Q(sent_at__isnull=True) | models.Q(dropped_at__isnull=True), name=name
    )


def to_send(name: str) -> models.Index:
    """What the worker sends next."""
    return models.Index(fields=["due_at"], condition=models.Q(sent_at__isnull=True, dropped_at__isnull=True), name=name)


def expires_later(name: str) -> models.CheckConstraint:
    """A link holds for a while."""
    return models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("made_at")), name=name)


def used_in_time(name: str) -> models.CheckConstraint:
    """A link is used while it holds, or not at all."""
    used = models.Q(used_at__gte=models.F("made_at"), used_at__lt=models.F("expires_at"))
    return models.CheckConstraint(condition=models.Q(used_at__isnull=True) | used, name=name)
