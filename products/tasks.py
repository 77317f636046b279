"""Jobs of the products floor: one service call each."""

from celery import shared_task

from products.services.push_log import trim_push_log


@shared_task(name="products.trim_push_log")
def trim_calls() -> None:
    """Keep the newest calls of each token."""
    trim_push_log()
