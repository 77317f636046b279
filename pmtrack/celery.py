"""The Celery application and its whole schedule. Workers start it with ``celery -A pmtrack.celery``."""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmtrack.settings")

app = Celery("pmtrack", task_cls="pmtrack.web.jobs:TracedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["metrics", "products"])

SWEEP_SECONDS = 5
POST_SECONDS = 10
TRIM_SECONDS = 300
HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS

app.conf.beat_schedule = {
    # Whatever a lost wake-up left behind.
    "sweep": {"task": "metrics.refresh", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    # Letters leave within seconds of what they tell; a mail server that fails is asked again later.
    "post": {"task": "metrics.post", "schedule": POST_SECONDS, "options": {"expires": POST_SECONDS}},
    # Reminders after days and an end after two weeks: an hour's delay is none.
    "questions": {"task": "metrics.tend_questions", "schedule": HOUR_SECONDS, "options": {"expires": HOUR_SECONDS}},
    # Once a week for each lead who wishes it, whoever asks however often.
    "digests": {"task": "metrics.digests", "schedule": HOUR_SECONDS, "options": {"expires": HOUR_SECONDS}},
    # The push log keeps the last 200 calls of each token; between two trims the rate limit bounds it.
    "trim": {"task": "products.trim_push_log", "schedule": TRIM_SECONDS, "options": {"expires": TRIM_SECONDS}},
    # A seventh of all cells against their facts, another seventh each night.
    "check": {"task": "metrics.check", "schedule": DAY_SECONDS, "options": {"expires": DAY_SECONDS}},
    # Uploaded files are kept for a day between looking at them and storing them.
    "uploads": {"task": "metrics.drop_uploads", "schedule": HOUR_SECONDS, "options": {"expires": HOUR_SECONDS}},
    "sheets": {"task": "products.drop_sheets", "schedule": HOUR_SECONDS, "options": {"expires": HOUR_SECONDS}},
}


@signals.setup_logging.connect
def leave_logging_alone(**_: Any) -> None:
    """Whoever listens here keeps Celery from setting up logging of its own: settings.LOGGING holds for jobs too."""
