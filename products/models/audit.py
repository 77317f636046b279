"""The audit: who did what to roles, tokens and definitions, who came in, and who was refused. Only ever added to."""

from typing import ClassVar

from django.db import models

from products.models.base import one_of
from products.models.people import User
from products.models.tokens import ApiToken


class AuditTopic(models.TextChoices):
    """What an entry is about; the filter of the audit page."""

    SIGN_IN = "sign_in", "Sign-ins"
    REFUSAL = "refusal", "Refusals"
    PERSON = "person", "People"
    ROLE = "role", "Roles"
    TOKEN = "token", "API tokens"
    DEFINITION = "definition", "Definitions"
    EXPORT = "export", "Exports"
    ENABLEMENT = "enablement", "Enablements"
    ASSESSMENT = "assessment", "Assessments"
    SIGN_OFF = "sign_off", "Sign-offs"
    AUDIT = "audit", "The audit itself"


class AuditDeed(models.TextChoices):
    """What happened."""

    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Sign-in failed"
    SIGNED_OUT = "signed_out", "Signed out"
    REFUSED = "refused", "Refused"
    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    REMOVED = "removed", "Removed"
    EXPORTED = "exported", "Exported"
    READ = "read", "Read"
    PURGED = "purged", "Purged"


class AuditEntry(models.Model):
    """One thing that happened. Triggers write what changed in tables, services write the rest; a trigger refuses all else.

    The references are without constraint: an entry outlives what it tells of, and writing it locks nobody's row.
    ``details`` maps a changed column to ``[old, new]`` for rows, and names plain values for everything else.
    """

    Topic = AuditTopic
    Deed = AuditDeed
    at = models.DateTimeField()
    topic = models.CharField(max_length=10, choices=AuditTopic)
    deed = models.CharField(max_length=14, choices=AuditDeed)
    subject = models.CharField(max_length=63, blank=True, help_text="The table of the row that changed.")
    subject_id = models.BigIntegerField(null=True, blank=True)
    label = models.CharField(max_length=300, blank=True, help_text="What it was called at the time, or the address.")
    actor = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+", db_index=False
    )
    concerned = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+", db_index=False
    )
    token = models.ForeignKey(
        ApiToken,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    process = models.CharField(max_length=64, blank=True, help_text="The program that wrote it.")

    class Meta:
        constraints: ClassVar = [
            one_of("topic", AuditTopic.values, name="products_auditentry_topic_is_known"),
            one_of("deed", AuditDeed.values, name="products_auditentry_deed_is_known"),
        ]
        indexes: ClassVar = [
            # The audit page between two days, and the purge.
            models.Index(fields=["at"], name="products_audit_by_time"),
            # The audit page of one topic.
            models.Index(fields=["topic", "-id"], name="products_audit_by_topic"),
            # "About me", and the audit page of one person.
            models.Index(fields=["actor", "-id"], name="products_audit_by_actor"),
            models.Index(fields=["concerned", "-id"], name="products_audit_by_concerned"),
        ]

    def __str__(self) -> str:
        return f"{self.get_deed_display()} at {self.at:%Y-%m-%d %H:%M}"
