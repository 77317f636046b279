"""Jobs: one service call each, ids and dates only. A message is only a hint that something waits."""

from datetime import UTC, datetime

from celery import shared_task
from celery.utils.log import get_task_logger

from metrics.services.digests import queue_digests
from metrics.services.letters import post_letters
from metrics.services.measuring import follow_what_is_known
from metrics.services.rebuild import SHARES, check
from metrics.services.rollups import refresh
from metrics.services.uploads import drop_expired_uploads
from metrics.services.waiting_questions import back_by_records, tend_questions
from products.services.announcement_mail import post_announcements
from products.services.signoff_letters import post_sign_off_letters

log = get_task_logger(__name__)


@shared_task(name="metrics.refresh")
def refresh_rollups() -> None:
    """Drain what waits."""
    refresh(now=datetime.now(UTC))


@shared_task(name="metrics.check")
def check_a_share() -> None:
    """Compare a seventh of the cells with their facts; any difference is an error in the log."""
    for difference in check(share=datetime.now(UTC).toordinal() % SHARES):
        log.error("a rollup differs from its facts: %s", difference)


@shared_task(name="metrics.drop_uploads")
def drop_uploads() -> None:
    """Forget uploaded files whose day is over."""
    drop_expired_uploads(now=datetime.now(UTC))


@shared_task(name="metrics.post")
def post() -> None:
    """Send the letters that wait."""
    now = datetime.now(UTC)
    posted = post_letters(now=now) + post_sign_off_letters(now=now) + post_announcements(now=now)
    if posted.failed:
        log.warning("%d letters could not be sent and are tried again", posted.failed)


@shared_task(name="metrics.tend_questions")
def tend() -> None:
    """Remind who is asked, end what is over, back answers by records, and move features of which something is known by now."""
    now = datetime.now(UTC)
    tend_questions(now=now)
    back_by_records(now=now)
    follow_what_is_known(now=now)


@shared_task(name="metrics.digests")
def digests() -> None:
    """Leave the week's letters to leads for the post."""
    queue_digests(now=datetime.now(UTC))
