"""Freeze a person's record: what stands now, with a digest that anybody can compare."""

from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import transaction

from metrics.models import ReviewPack
from metrics.queries.periods import LONGEST_DAYS, BadPeriod, day_period
from metrics.queries.review_pack import pack_body
from products.access import readable_people
from products.models import User


class NotTheirs(Exception):
    """Neither the person nor a lead of his."""


class BadDays(Exception):
    """The days make no period; the message says why."""


@transaction.atomic
def freeze_pack(*, person: User, since: date, last: date, by: User, now: datetime) -> ReviewPack:
    """Freeze the record of the days from ``since`` to ``last``. Raises ``NotTheirs`` and ``BadDays``."""
    if not readable_people(by, day=now.date()).filter(pk=person.pk).exists():
        raise NotTheirs("Only the person and a lead of theirs make a review pack.")
    until = last + timedelta(days=1)
    try:
        period = day_period(since, until, today=now.date())
    except BadPeriod as error:
        raise BadDays(
            f"That is over {LONGEST_DAYS:,} days. Choose fewer." if (until - since).days > 0 else str(error)
        ) from error
    body = pack_body(by, person, period=period, now=now)
    digest = sha256(body.encode()).hexdigest()
    return ReviewPack.objects.create(
        person=person, since=since, until=until, made_by=by, made_at=now, body=body, digest=digest
    )
