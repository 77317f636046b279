"""The live Celery application: the settings that keep every job, and the whole schedule."""

import json
import subprocess
import sys
from typing import Any

import pytest

from pmtrack.celery import app
from pmtrack.stack.places import ROOT

KEEPS_EVERY_JOB = {
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_acks_late": True,
    "task_reject_on_worker_lost": False,
    "task_acks_on_failure_or_timeout": True,
    "worker_prefetch_multiplier": 1,
    "task_soft_time_limit": 45,
    "task_time_limit": 60,
    "worker_soft_shutdown_timeout": 10,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
}
NEVER_GIVES_UP = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 3,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 15,
}
NEVER_WAITS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}

ASK = """
import json, django
django.setup()
from django.conf import settings
from pmtrack.celery import app
database = settings.DATABASES["default"]
print(json.dumps([app.conf.broker_transport_options, database["OPTIONS"]["options"], database["CONN_MAX_AGE"]]))
"""


@pytest.mark.parametrize("name", sorted(KEEPS_EVERY_JOB))
def test_the_live_application_keeps_every_job(name: str) -> None:
    assert app.conf[name] == KEEPS_EVERY_JOB[name]


@pytest.mark.parametrize(
    ("role", "patience", "timeout"),
    [("web", NEVER_WAITS, "10s"), ("worker", NEVER_GIVES_UP, "55s"), ("beat", NEVER_GIVES_UP, "10s")],
)
def test_patience_differs_by_role(
    role: str, patience: dict[str, Any], timeout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PMTRACK_ROLE", role)
    said = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    options, limits, age = json.loads(said)
    assert options == patience
    assert f"statement_timeout={timeout}" in limits
    assert "lock_timeout=4s" in limits
    assert "idle_in_transaction_session_timeout=15s" in limits
    assert age == 60


def test_every_scheduled_job_exists_and_expires_with_its_period() -> None:
    app.loader.import_default_modules()
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert tasks == {
        "metrics.refresh",
        "metrics.check",
        "metrics.digests",
        "metrics.drop_uploads",
        "metrics.post",
        "metrics.tend_questions",
        "products.drop_sheets",
        "products.trim_push_log",
    }
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] == entry["schedule"]
