"""What the views around diagnoses share: the entry, diagnosis or question asked for, and who may work on it."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from feedback.access import can_work_on, visible_diagnoses, visible_feedback, workable_feedback
from feedback.models import Diagnosis, Feedback
from feedback.queries.diagnosing import DiagnosePanel, diagnose_panel
from feedback.queries.outreach import Question, question

LARGEST = 2**63 - 1


def entry_asked(request: HttpRequest, number: int, *, day: date) -> Feedback:
    """FB-``number`` to work on. Raises 404, and 403 where the reader may not."""
    entry = visible_feedback(request.user).select_related("product").filter(pk=min(number, LARGEST)).first()
    if entry is None:
        raise Http404(f"There is no feedback FB-{number} that you may see.")
    if not workable_feedback(request.user, day=day).filter(pk=entry.pk).exists():
        who = f"the PMs, leads and allies of {entry.product}" if entry.product else "leads and whoever logged it"
        raise PermissionDenied(f"Only {who} may work on {entry.key}.")
    return entry


def panel_asked(request: HttpRequest, number: int, *, day: date) -> DiagnosePanel:
    """FB-``number`` with its diagnosis. Raises 404, and 403 where the reader would write and may not."""
    panel = diagnose_panel(request.user, number, day=day) if number <= LARGEST else None
    if panel is None:
        raise Http404(f"There is no feedback FB-{number} that you may see.")
    if request.method == "POST" and not panel.may_work:
        who = f"the PMs, leads and allies of {panel.product}" if panel.product else "leads and whoever logged it"
        raise PermissionDenied(f"Only {who} may diagnose {panel.key}.")
    return panel


def diagnosis_asked(request: HttpRequest, number: int, *, day: date) -> Diagnosis:
    """D-``number`` to work on. Raises 404 and 403."""
    rows = visible_diagnoses(request.user).select_related("product", "decided_by")
    row = rows.filter(pk=number).first() if number <= LARGEST else None
    if row is None:
        raise Http404(f"There is no diagnosis D-{number} that you may see.")
    if not can_work_on(request.user, row.product, day=day):
        raise PermissionDenied(f"Only the PMs, leads and allies of {row.product} may work on {row.key}.")
    return row


def question_asked(request: HttpRequest, number: int, *, now: datetime) -> Question:
    """A question to somebody. Raises 404 where its existence may not be known, 403 where the reader may not answer."""
    found = question(request.user, number, now=now) if number <= LARGEST else None
    if found is None:
        raise Http404("There is no such question that you may see.")
    if request.method == "POST" and not found.may_answer:
        raise PermissionDenied(f"Only {found.receiver} and those who work on {found.product} may answer this.")
    return found


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that the form names as ``next``, else ``otherwise``."""
    named = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(named, allowed_hosts=None)
    return named if named.startswith("/") and is_ours else otherwise
