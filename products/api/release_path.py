"""Sign-offs and announcements of a release: counts and decisions, no people."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request

from pmtrack.web.answers import answer
from pmtrack.web.errors import not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import parameters
from pmtrack.web.schema import PAGING, answers
from products.access import visible_releases
from products.api.authentication import requires_scope
from products.api.release_path_shapes import AnnouncementOut, SignOffOut, SignOffsOut
from products.models import AnnouncementChannel, Release
from products.queries.announcements import Told, counted_announcements
from products.queries.signoffs import SignOffRow, sign_offs_of
from products.queries.versions import ALL_FACTS

DAY = 86400


def show_sign_off(row: SignOffRow) -> SignOffOut:
    """A sign-off as the API answers it."""
    usual = row.usual.seconds
    return SignOffOut(
        release=row.release,
        function=row.function,
        has_approver=bool(row.approver),
        asked_at=row.asked_at,
        due_on=row.due_on,
        is_overdue=row.is_overdue,
        decision=row.decision or None,
        decided_at=row.decided_at,
        waited_days=round(row.seconds / DAY, 1),
        usual_days=None if usual is None else round(usual / DAY, 1),
        usual_n=row.usual.n,
        words=row.words,
        evidence_url=row.evidence_url,
        is_newest=row.is_newest,
    )


def show_announcement(row: Any) -> AnnouncementOut:
    """An announcement as the API answers it."""
    is_post = row.channel == AnnouncementChannel.POST
    return AnnouncementOut(
        key=f"A-{row.pk}",
        release=row.release.key,
        channel=row.channel,
        subject=row.subject,
        body=row.body,
        teams=sorted(team.slug for team in row.teams.all()),
        written_at=row.written_at,
        follows=f"A-{row.follows_id}" if row.follows_id else None,
        recipients=None if is_post else row.total,
        sent=row.sent,
        given_up=row.given_up,
        opened=None if is_post else row.opened,
        replied=None if is_post else row.replied,
    )


# Not the release's product alone: the usual waiting times are of all products.
@extend_schema(operation_id="list_sign_offs", responses=answers(200, struct=SignOffsOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request, number: ALL_FACTS)
def list_sign_offs(request: Request, number: int) -> HttpResponse:
    """Which functions were asked whether the release may go live, what they decided, and how long it took."""
    parameters(request)
    release = _release(request, number)
    found = sign_offs_of(request.user, release, now=datetime.now(UTC))
    rows = [show_sign_off(row) for row in found.rows] if found else []
    return answer(SignOffsOut(release.key, found is not None, found.breach if found else "", rows))


@extend_schema(operation_id="list_announcements", responses=answers(200, page_of=AnnouncementOut), parameters=[*PAGING])
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request, number: Told(number))
def list_announcements(request: Request, number: int) -> HttpResponse:
    """What was announced about the release, newest first: to whom, and how many were reached, opened it and replied."""
    given = parameters(request, "cursor", "limit")
    rows = counted_announcements(request.user, _release(request, number))
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_announcement))


def _release(request: Request, number: int) -> Release:
    release = visible_releases(request.user).select_related("product").filter(pk=number).first()
    if release is None:
        raise not_found(f"release 'R-{number}'")
    return release
