"""The weekly letter to leads: wished for, written once a week, and told from the queue as it stands when it leaves."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from metrics.models import DigestWish, Letter, LetterKind, WeeklyDigest
from metrics.queries.lead_queue import LeadQueue, QueuePart, is_lead, lead_queue
from products.models import Membership, User

# Mondays, before work begins in Europe.
HOUR = 5
SHOWN = 5
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Digest:
    """The letter's words."""

    subject: str
    body: str


@transaction.atomic
def wish_digest(*, person: User, wanted: bool, now: datetime) -> None:
    """Begin or end the weekly letter; saying it again changes nothing."""
    if wanted:
        DigestWish.objects.get_or_create(person=person, defaults={"since": now})
    else:
        DigestWish.objects.filter(person=person).delete()


def queue_digests(*, now: datetime) -> int:
    """Leave this week's letters for the worker to send; how many. However often it runs, and wherever, one letter a week each.

    Whoever wished it after Monday morning gets the first one a week later.
    """
    monday = now.date() - timedelta(days=now.weekday())
    from_when = datetime.combine(monday, time(HOUR), now.tzinfo)
    if now < from_when:
        return 0
    written = WeeklyDigest.objects.filter(week=monday).values("person")
    leading = Membership.objects.filter(
        user=OuterRef("person"), role=Membership.Role.LEAD, period__contains=now.date(), user__is_admin=False
    )
    # Who leads is asked before the limit: wishes of people who lead no more would hold up the others otherwise.
    wishes = DigestWish.objects.filter(Exists(leading), since__lte=from_when, person__is_active=True)
    waiting = wishes.exclude(person__in=written).select_related("person").order_by("pk")[:MOST_AT_ONCE]
    return sum(_queue(wish.person, monday, now) for wish in list(waiting))


def _queue(person: User, monday: date, now: datetime) -> bool:
    """One letter, unless another process wrote it a moment ago: then both rows are taken back."""
    try:
        with transaction.atomic():
            letter = Letter.objects.create(to=person, kind=LetterKind.DIGEST, queued_at=now, due_at=now)
            WeeklyDigest.objects.create(person=person, week=monday, letter=letter)
    except IntegrityError:
        return False
    return True


def digest_for(letter: Letter, *, now: datetime) -> Digest | None:
    """What the letter says; None where it is of no use: nothing waits, the wish ended, its reader leads no team, its week is over."""
    wished = DigestWish.objects.filter(person=letter.to).exists()
    if not wished or now >= letter.queued_at + timedelta(weeks=1) or not is_lead(letter.to, day=now.date()):
        return None
    queue = lead_queue(letter.to, now=now)
    return _written(letter.to.name, queue) if queue.count else None


def _written(name: str, queue: LeadQueue) -> Digest:
    parts = "\n\n".join(_told(part) for part in queue.parts if part.count)
    address = f"{settings.PUBLIC_URL}{reverse('lead_queue')}"
    off = f"{settings.PUBLIC_URL}{reverse('about_me')}"
    body = (
        f"Hello {name},\n\n{queue.verdict}\n\n{parts}\n\nAll of it: {address}\n\n"
        f"You get this letter on Mondays because you asked for it. End it here: {off}\n"
    )
    things = "one thing waits" if queue.count == 1 else f"{queue.count:,} things wait"
    return Digest(f"Your queue: {things}", body)


def _told(part: QueuePart) -> str:
    lines = [f"- {' '.join(row.text.split())} ({row.detail})" for row in part.rows[:SHOWN]]
    more = [f"- and {part.count - SHOWN:,} more"] if part.count > SHOWN else []
    return "\n".join([part.title, *lines, *more])
