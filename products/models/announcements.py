"""Announcements: what colleagues are told about a release, and what became of it for each of them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from products.models.base import one_of
from products.models.letters import Sending, sent_or_dropped, to_send
from products.models.people import Team, User
from products.models.releases import Release


class AnnouncementChannel(models.TextChoices):
    """How an announcement reaches people."""

    MAIL = "mail", "Mail"
    POST = "post", "Post"


class Announcement(models.Model):
    """Told about a release: by mail to each person of ``teams`` (everybody, where there are none), or as one post.

    ``follows`` is the announcement to whose audience a note was sent after a rollback.
    """

    Channel = AnnouncementChannel
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="announcements")
    channel = models.CharField(max_length=4, choices=AnnouncementChannel)
    teams = models.ManyToManyField(Team, related_name="+", blank=True)
    subject = models.CharField(max_length=150)
    body = models.CharField(max_length=4000)
    hook = models.URLField(max_length=500, blank=True, help_text="Where a post goes; its host is on the list.")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()
    form = models.CharField(max_length=32, help_text="The form's own key: sent twice it announces once.")
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="notes", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            one_of("channel", AnnouncementChannel.values, name="products_announcement_channel_is_known"),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(body=""), name="products_announcement_says_something"),
            models.CheckConstraint(
                condition=Q(channel="mail", hook="") | Q(channel="post") & ~Q(hook=""),
                name="products_announcement_posts_go_somewhere",
            ),
            models.UniqueConstraint(fields=["written_by", "form"], name="products_announcement_once_a_form"),
        ]

    def __str__(self) -> str:
        return self.subject


class AnnouncementCopy(Sending):
    """One person's copy of a mail, or the one post, where ``person`` is nobody.

    *Opened*: its reader had the page of the personal link before them, or pressed a button there; a reply is written there. The secret is kept as a digest, made when it is sent.
    """

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="copies", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    reply = models.CharField(max_length=2000, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["announcement", "person"], nulls_distinct=False, name="products_announcementcopy_one_each"
            ),
            sent_or_dropped("products_announcementcopy_is_sent_or_dropped"),
            models.CheckConstraint(
                condition=Q(reply="", replied_at__isnull=True) | ~Q(reply="") & Q(replied_at__isnull=False),
                name="products_announcementcopy_reply_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(replied_at__isnull=True) | Q(opened_at__isnull=False, replied_at__gte=F("opened_at")),
                name="products_announcementcopy_is_opened_before_answered",
            ),
        ]
        indexes: ClassVar = [to_send("products_copy_to_send")]

    def __str__(self) -> str:
        return f"A copy of {self.announcement_id}"
