"""Announcements as pages show them: how far sending has come, who opened them, what was written back."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Min, Q, QuerySet

from products.access import Actor, is_known
from products.catalog.words import clock_on, counted, listed
from products.models import Announcement, AnnouncementChannel, AnnouncementCopy, Release
from products.queries.versions import Scope

MOST_COPIES = 200
COUNTS = {
    "total": Count("copies"),
    "sent": Count("copies", filter=Q(copies__sent_at__isnull=False)),
    "given_up": Count("copies", filter=Q(copies__dropped_at__isnull=False)),
    "opened": Count("copies", filter=Q(copies__opened_at__isnull=False)),
    "replied": Count("copies", filter=Q(copies__replied_at__isnull=False)),
    "failing": Count("copies", filter=Q(copies__sent_at=None, copies__dropped_at=None, copies__tries__gt=0)),
    "next_try": Min("copies__due_at", filter=Q(copies__sent_at=None, copies__dropped_at=None, copies__tries__gt=0)),
    "tries": Max("copies__tries", filter=Q(copies__sent_at=None, copies__dropped_at=None)),
}


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """One announcement and how far it has come; counts are of people, of one post where it is a post."""

    number: int
    release: str
    release_number: int
    subject: str
    body: str
    is_post: bool
    is_note: bool
    audience: str
    by: str
    when: str
    total: int
    sent: int
    given_up: int
    opened: int
    replied: int
    failing: int
    trouble_text: str

    @property
    def text(self) -> str:
        """``3,412 of 10,000 sent, 120 opened, 4 replied``; a post is posted or waits."""
        if self.is_post:
            return "posted" if self.sent else "given up" if self.given_up else "waits to be posted"
        told = f"{self.sent:,} of {self.total:,} sent"
        return (
            f"{told}, {counted(self.opened, 'person', 'people')} opened it, {counted(self.replied, 'reply', 'replies')}"
        )


@dataclass(frozen=True, slots=True)
class CopyRow:
    """What became of it for one person."""

    number: int
    name: str
    state_text: str
    opened_text: str
    reply: str
    replied_text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was announced about a release, as a part of the data that knows its version.

    Triggers keep no version of copies: each that is sent would change the pages of its product.
    """

    release: int

    def version(self, user: Actor, *, day: date) -> str:
        """What changes with every announcement and whatever becomes of its copies. Two statements."""
        copies = AnnouncementCopy.objects.filter(announcement__release=self.release)
        marks = ("announcement", "sent_at", "dropped_at", "opened_at", "replied_at")
        seen = copies.aggregate(**{f"of_{name}": Count(name) for name in marks}, newest=Max("announcement"))
        return f"{Scope(releases=(self.release,)).version(user, day=day)}-{'-'.join(map(str, seen.values()))}"


def visible_announcements(user: Actor) -> QuerySet[Announcement]:
    """What was announced is open inside the company; who opened it and wrote what is not."""
    return Announcement.objects.all() if is_known(user) else Announcement.objects.none()


def announcements_of(user: Actor, release: Release) -> tuple[AnnouncementRow, ...]:
    """Newest first. Two statements."""
    return tuple(_row(row) for row in counted_announcements(user, release))


def counted_announcements(user: Actor, release: Release) -> QuerySet[Announcement]:
    """The rows behind it, with ``COUNTS`` and their teams. Two statements."""
    return _counted(visible_announcements(user).filter(release=release))


def announcement_row(user: Actor, number: int) -> AnnouncementRow | None:
    """One announcement, None where there is none. Two statements."""
    row = _counted(visible_announcements(user).filter(pk=number)).first()
    return None if row is None else _row(row)


def copies_of(number: int, zone: ZoneInfo) -> tuple[CopyRow, ...]:
    """Per recipient, those who replied or whose copy is in trouble first; for who wrote it and who leads them. One statement."""
    rows = AnnouncementCopy.objects.filter(announcement=number, person__isnull=False).select_related("person")
    newest, waiting = F("replied_at").desc(nulls_last=True), F("sent_at").desc(nulls_first=True)
    return tuple(_copy(row, zone) for row in rows.order_by(newest, waiting, "person__name", "pk")[:MOST_COPIES])


def _counted(found: QuerySet[Announcement]) -> QuerySet[Announcement]:
    rows = found.select_related("release__product", "written_by").prefetch_related("teams")
    return rows.annotate(**COUNTS).order_by("-pk")


def _row(row: Announcement) -> AnnouncementRow:
    counts = {name: getattr(row, name) for name in COUNTS if name not in {"next_try", "tries"}}
    zone = ZoneInfo(row.release.product.time_zone)
    teams = [team.name for team in row.teams.all()]
    is_post = row.channel == AnnouncementChannel.POST
    return AnnouncementRow(
        number=row.pk,
        release=row.release.key,
        release_number=row.release_id,
        subject=row.subject,
        body=row.body,
        is_post=is_post,
        is_note=row.follows_id is not None,
        audience="a channel" if is_post else listed(teams) or "everybody",
        by=row.written_by.name,
        when=clock_on(row.written_at, zone),
        trouble_text=_trouble(row, counts["failing"], zone),
        **counts,
    )


def _trouble(row: Announcement, failing: int, zone: ZoneInfo) -> str:
    at: datetime | None = getattr(row, "next_try", None)
    if not failing or at is None:
        return ""
    what = (
        "The host did not take the post" if row.channel == AnnouncementChannel.POST else "The mail server did not take"
    )
    copies = "" if row.channel == AnnouncementChannel.POST else f" {counted(failing, 'copy', 'copies')}"
    return f"{what}{copies}; tried {counted(getattr(row, 'tries', 0) or 0, 'time')}, tried again {clock_on(at, zone)}. Nothing is lost."


def _copy(row: AnnouncementCopy, zone: ZoneInfo) -> CopyRow:
    if row.sent_at:
        state = f"sent {clock_on(row.sent_at, zone)}"
    elif row.dropped_at:
        state = "given up: the mail server took it at no time" if row.trouble else "not sent: they left"
    else:
        state = f"tried {counted(row.tries, 'time')}" if row.tries else "waits to be sent"
    return CopyRow(
        number=row.pk,
        name=row.person.name if row.person else "",
        state_text=state,
        opened_text=clock_on(row.opened_at, zone) if row.opened_at else "",
        reply=row.reply,
        replied_text=clock_on(row.replied_at, zone) if row.replied_at else "",
    )
