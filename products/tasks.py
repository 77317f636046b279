"""Jobs of the products floor: one service call each."""

from datetime import UTC, datetime

from celery import shared_task

from products.services.push_log import trim_push_log
from products.services.sheets import drop_expired_sheets


@shared_task(name="products.trim_push_log")
def trim_calls() -> None:
    """Keep the newest calls of each token."""
    trim_push_log()


@shared_task(name="products.drop_sheets")
def drop_sheets() -> None:
    """Forget imported tables whose day is over."""
    drop_expired_sheets(now=datetime.now(UTC))
