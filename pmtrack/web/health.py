"""Two plain answers for load balancers: is the process alive, and can it serve."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pmtrack.web.bounded import NoAnswer, ask_database
from pmtrack.web.broker import queue_length


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives; asks nothing else."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and every migration has run, else 503 with the reason; within three seconds.

    A dead broker is told and fails nothing: writes need none, and the sweep keeps figures fresh.
    """
    try:
        waiting = ask_database(_migrations_waiting)
    except NoAnswer:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    if waiting:
        return HttpResponse(f"{waiting} migrations have not run\n", status=503, content_type="text/plain")
    broker = "answers" if queue_length() is not None else "does not answer; the sweep keeps figures fresh"
    return HttpResponse(f"ready\nbroker: {broker}\n", content_type="text/plain")


def _migrations_waiting() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
