"""Jobs: one service call each, ids and dates only. A message is only a hint that something waits."""

from datetime import UTC, datetime

from celery import shared_task
from celery.utils.log import get_task_logger

from metrics.services.rebuild import SHARES, check
from metrics.services.rollups import refresh
from metrics.services.uploads import drop_expired_uploads

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
