"""Send what waits, whatever it is: each in a transaction of its own; what fails is tried again later and holds up no other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, transaction

from products.models.letters import Sending

MOST_AT_ONCE = 100
MOST_TRIES = 12
# A mail server that is down is not asked about everything that waits.
MOST_IN_A_ROW = 3
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
Row = TypeVar("Row", bound=Sending)


@dataclass(frozen=True, slots=True)
class Posted:
    """How many letters were sent, dropped because nobody needs them any more, and failed."""

    sent: int
    dropped: int
    failed: int

    def __add__(self, other: "Posted") -> "Posted":
        """Both together."""
        return Posted(self.sent + other.sent, self.dropped + other.dropped, self.failed + other.failed)


def send_waiting(
    table: type[Row], deliver: Callable[[Row, datetime], bool], *, now: datetime, most: int = MOST_AT_ONCE
) -> Posted:
    """Send what is due in ``table``. Several workers at once never send the same row; a failed one is tried again later.

    ``deliver`` sends a row, which is locked, and sets its ``message_id``; False where nobody needs it any more.
    """
    done = {"sent": 0, "dropped": 0, "failed": 0}
    in_a_row = 0
    for _ in range(most):
        outcome = _send_next(table, deliver, now)
        if outcome is None:
            break
        done[outcome] += 1
        in_a_row = in_a_row + 1 if outcome == "failed" else 0
        if in_a_row == MOST_IN_A_ROW:
            break
    return Posted(**done)


def mailed(row: Sending, to: str, subject: str, text: str, mailer: Any = None) -> bool:
    """Mail ``text`` through Django's backend, with an id that finds it again. Always True.

    ``mailer`` is a connection that is open already, for many at once.
    """
    row.message_id = make_msgid(domain=urlsplit(settings.PUBLIC_URL).hostname)
    headers = {"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"}
    EmailMessage(subject, text, to=[to], headers=headers, connection=mailer).send()
    return True


def _send_next(table: type[Row], deliver: Callable[[Row, datetime], bool], now: datetime) -> str | None:
    """Send the next row; what became of it, None where nothing is due."""
    row: Row | None = None
    try:
        with transaction.atomic():
            waiting = table._default_manager.filter(sent_at__isnull=True, dropped_at__isnull=True, due_at__lte=now)
            row = waiting.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "pk").first()
            return None if row is None else _sent(row, deliver, now)
    except DatabaseError:
        raise
    except Exception as problem:  # what fails, in whatever way, holds up no other
        if row is None:
            raise
        _put_off(row, problem, now)
        return "failed"


def _sent(row: Row, deliver: Callable[[Row, datetime], bool], now: datetime) -> str:
    if not deliver(row, now):
        row.dropped_at = now
        row.save(update_fields=["dropped_at"])
        return "dropped"
    row.sent_at, row.tries = now, row.tries + 1
    row.save(update_fields=["sent_at", "tries", "message_id"])
    return "sent"


def _put_off(row: Sending, problem: Exception, now: datetime) -> None:
    """Try again later, longer each time; give up after two days or so. The failure's words may name people: only its kind is kept."""
    tries = row.tries + 1
    pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
    given_up = now if tries >= MOST_TRIES else None
    type(row)._default_manager.filter(pk=row.pk, sent_at__isnull=True).update(
        tries=tries, due_at=now + pause, dropped_at=given_up, trouble=type(problem).__name__[:100]
    )
