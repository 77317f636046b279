"""Announce releases to colleagues: one copy for each person, made at once and sent by the worker; and take their replies."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from products.catalog.words import listed
from products.models import Announcement, AnnouncementChannel, AnnouncementCopy, ProductType, Release, Team, User
from products.services.posting import is_listed
from products.services.secret_links import NOT_WHOLE, LinkUnusable, digest_of
from products.services.signoffs import function_text, open_sign_offs

USE = "announcement"
# A double press of a button, and a colleague who reads the page at the same moment.
REPLY_LENGTH = 2000
COPY = """
INSERT INTO products_announcementcopy (announcement_id, person_id, queued_at, due_at, tries, trouble, message_id, reply)
SELECT %(announcement)s, person.id, %(now)s, %(now)s, 0, '', '', '' FROM products_user AS person
WHERE person.is_active AND person.id <> %(by)s AND person.id = ANY(%(people)s)
ORDER BY person.id ON CONFLICT DO NOTHING
"""


class AnnouncingRefused(Exception):
    """Nothing was stored; the message says why."""


class EmptyAudience(AnnouncingRefused):
    """Nobody would read it."""


class HostNotListed(AnnouncingRefused):
    """Posts go to listed hosts only."""


class TooEarly(AnnouncingRefused):
    """A release for customers is announced after its sign-offs."""


class RepliedAlready(AnnouncingRefused):
    """One reply to each announcement."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be told, to whom: mail to the people of ``teams`` (none: everybody), or one post to ``hook``."""

    release: Release
    channel: str
    subject: str
    body: str
    form: str
    teams: Sequence[Team] = ()
    hook: str = ""


@transaction.atomic
def announce(*, draft: Draft, by: User, now: datetime, follows: Announcement | None = None) -> Announcement:
    """Store it with a copy for each person; the same form again is the same announcement. Raises ``AnnouncingRefused``.

    Whoever writes it gets no copy. Three statements, however many people.
    """
    release = Release.objects.select_for_update(of=("self",)).select_related("product").get(pk=draft.release.pk)
    held = Announcement.objects.filter(written_by=by, form=draft.form).first()
    if held is not None:
        return held
    if follows is None:
        _refuse_early(release)
    row = Announcement.objects.create(
        release=release, channel=draft.channel, subject=draft.subject, body=draft.body, hook=draft.hook,
        written_by=by, written_at=now, form=draft.form, follows=follows,
    )  # fmt: skip
    row.teams.set(draft.teams)
    if draft.channel == AnnouncementChannel.POST:
        refuse_host(draft.hook)
        AnnouncementCopy.objects.create(announcement=row, person=None, queued_at=now, due_at=now)
        return row
    people = _audience(draft.teams, now.date()) if follows is None else follows.copies.values("person")
    _copy(row, list(people.values_list("person" if follows else "pk", flat=True)), by, now)
    return row


@transaction.atomic
def note_to_same_audience(*, release: Release, note: str, by: User, now: datetime) -> Announcement | None:
    """Tell those who read of the release that it was rolled back; None where nothing was announced."""
    last = Announcement.objects.filter(release=release).order_by("-pk").first()
    if last is None:
        return None
    draft = Draft(
        release, last.channel, f"Rolled back: {release.title}"[:150], note, secrets.token_hex(16),
        list(last.teams.all()), last.hook,
    )  # fmt: skip
    return announce(draft=draft, by=by, now=now, follows=last)


def refuse_host(address: str) -> None:
    """Raise ``HostNotListed``, in words, for an address to which no post may go."""
    if is_listed(address):
        return
    hosts, inside = settings.POST_HOSTS, settings.POST_HOSTS_INSIDE
    known = f"Posts may go to https addresses of {listed(hosts, most=9)}." if hosts else ""
    known = f"{known} Inside the company to {listed(inside, most=9)}." if inside else known
    raise HostNotListed(
        f"{known.strip() or 'No host is listed yet.'} Whoever runs pmtrack lists hosts in PMTRACK_POST_HOSTS."
    )


def copy_behind(secret: str) -> AnnouncementCopy:
    """The copy whose link this is. Raises ``LinkUnusable``. Writes nothing: programs that check mail fetch every link."""
    rows = AnnouncementCopy.objects.select_related("announcement__release__product", "person")
    copy: AnnouncementCopy | None = rows.filter(digest=digest_of(secret, use=USE)).first()
    if copy is None or copy.person is None:
        raise LinkUnusable(NOT_WHOLE)
    if not copy.person.is_active:
        raise LinkUnusable("This link ended when its owner left.")
    return copy


def note_opened(*, secret: str, now: datetime) -> AnnouncementCopy:
    """Note that its reader had the page before them; the first time stays. Raises ``LinkUnusable``."""
    copy = copy_behind(secret)
    if copy.opened_at is None:
        AnnouncementCopy.objects.filter(pk=copy.pk, opened_at__isnull=True).update(opened_at=now)
        copy.opened_at = now
    return copy


@transaction.atomic
def reply_to(*, secret: str, words: str, now: datetime) -> AnnouncementCopy:
    """Write back, once. The same words again change nothing. Raises ``LinkUnusable`` and ``RepliedAlready``."""
    found = note_opened(secret=secret, now=now)
    copy = AnnouncementCopy.objects.select_for_update().get(pk=found.pk)
    if copy.replied_at is not None:
        if copy.reply == words:
            return copy
        raise RepliedAlready("You replied already, and your first reply stays. Write to whoever announced it.")
    copy.reply, copy.replied_at = words, max(now, copy.opened_at or now + timedelta(0))
    copy.save(update_fields=["reply", "replied_at"])
    return copy


def _refuse_early(release: Release) -> None:
    if release.product.type == ProductType.EXTERNAL and (waiting := open_sign_offs(release)):
        names = listed([function_text(one.function) for one in waiting])
        raise TooEarly(f"{release.key} waits for the sign-off of {names}: announce it after that.")


def _audience(teams: Sequence[Team], day: date) -> QuerySet[User]:
    here = User.objects.filter(is_active=True)
    return here.filter(memberships__team__in=teams, memberships__period__contains=day).distinct() if teams else here


def _copy(row: Announcement, people: list[int], by: User, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COPY, {"announcement": row.pk, "now": now, "by": by.pk, "people": people})
        if not cursor.rowcount:
            raise EmptyAudience("Nobody but you is in this audience, so nobody would read it. Choose another team.")
