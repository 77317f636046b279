"""Usage of Type I products, in and out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.access import visible_usage
from metrics.api.readings import pushed_answer
from metrics.api.shapes import PushedOut, UsageBatch, UsageBatchIn, UsageIn, UsageOut
from metrics.models import Usage
from metrics.services.readings import Pushed
from metrics.services.usage import NewUsage, push_usage, why_not_usage
from metrics.sheets.usage import NO_MONDAY, monday_of
from pmtrack.web.answers import answer
from pmtrack.web.batches import Result, decode_batch, decode_items, refused
from pmtrack.web.errors import FieldProblem, Problem
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import bad_cursor, cut_page
from pmtrack.web.parsing import BATCH_LIMIT, body_of, day_parameter, parameters
from pmtrack.web.schema import PAGING, answers, body_schema, query
from pmtrack.web.throttles import TokenThrottle
from products.access import visible_teams
from products.api.authentication import requires_scope
from products.api.reach import reach_of
from products.models import Product, Team
from products.queries.versions import product_scope


def _fit(
    index: int, sent: UsageIn, reach: dict[str, Product | Problem], teams: dict[str, Team], last_day: date
) -> NewUsage | Result:
    """The row to store, or why it is refused."""
    product = reach[sent.product]
    if isinstance(product, Problem):
        return Result(index, product.status_code, problem=product.at(f"/rows/{index}/product"))
    week = monday_of(sent.week)
    team = teams.get(sent.team)
    wrong = why_not_usage(product, team, week, sent.active_users, sent.eligible_users, sent.team, last_day)
    if wrong or week is None or team is None:
        field, detail = wrong or ("week", NO_MONDAY)
        return refused(index, 422, "bad-usage", detail, FieldProblem(f"/rows/{index}/{field}", "invalid", detail))
    return NewUsage(product, team, week, sent.active_users, sent.eligible_users, sent.actions)


@extend_schema(
    operation_id="push_usage",
    request=body_schema(UsageBatchIn),
    responses=answers(200, 207, 422, struct=PushedOut),
    description="Up to 5,000 rows. A later push for the same product, team and week corrects it.",
)
@api_view(["POST"])
@permission_classes([requires_scope("usage:write")])
@throttle_classes([TokenThrottle])
def push_usage_rows(request: Request) -> HttpResponse:
    """200 all stored, 207 some, 422 none; ``results`` names what was refused and why."""
    now = datetime.now(UTC)
    frame = decode_batch(body_of(request, limit=BATCH_LIMIT), UsageBatch, limit=BATCH_LIMIT)
    decoded = decode_items(frame.rows, UsageIn, pointer="/rows")
    fitted = _fit_all(request, decoded.good, now=now)
    rows, unfit = _once(fitted)
    bad = [*decoded.bad, *unfit]
    if not rows or (frame.atomic and bad):
        return pushed_answer(Pushed(0, 0, 0), bad)
    pushed = push_usage(rows=rows, source=frame.source, now=now)
    return pushed_answer(pushed, bad, repeated=len(fitted) - len(unfit) - len(rows))


def _fit_all(
    request: Request, items: Sequence[tuple[int, UsageIn]], *, now: datetime
) -> list[tuple[int, NewUsage | Result]]:
    """What the items name is looked up at once, then each is judged by itself."""
    reach = reach_of(request.auth, [sent.product for _, sent in items], now=now)
    named = {sent.team for _, sent in items}
    teams = {team.slug: team for team in visible_teams(request.user).filter(slug__in=named)}
    # East of Greenwich the week may have begun while it is still Sunday here.
    last_day = now.date() + timedelta(days=1)
    return [(index, _fit(index, sent, reach, teams, last_day)) for index, sent in items]


def _once(fitted: Sequence[tuple[int, NewUsage | Result]]) -> tuple[list[NewUsage], list[Result]]:
    """The rows to store, equal repetitions dropped; and what is refused, unequal repetitions among it."""
    good: dict[tuple[int, int, date], NewUsage] = {}
    bad: list[Result] = []
    for index, row in fitted:
        if isinstance(row, Result):
            bad.append(row)
        elif good.setdefault(row.key, row) != row:
            detail = f"{row.team.slug} in the week of {row.week} is given twice with different values. Send it once."
            bad.append(refused(index, 422, "bad-usage", detail, FieldProblem(f"/rows/{index}/week", "invalid", detail)))
    return list(good.values()), bad


def show_usage(row: Usage) -> UsageOut:
    """A row of usage as the API answers it."""
    return UsageOut(
        product=row.product.slug,
        team=row.team.slug,
        week=row.week,
        active_users=row.active_users,
        eligible_users=row.eligible_users,
        actions=row.actions,
        source=row.source,
    )


@extend_schema(
    operation_id="list_usage",
    responses=answers(200, page_of=UsageOut),
    parameters=[
        query("product", "Slug of an internal product."),
        query("since", "Weeks that start on this day or after it.", format="date"),
        query("until", "Weeks that start before this day.", format="date"),
        *PAGING,
    ],
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: product_scope(request.GET.get("product", "")))
def list_usage(request: Request) -> HttpResponse:
    """By product, team and week; filters ``product``, ``since`` and ``until`` (not included)."""
    given = parameters(request, "product", "since", "until", "cursor", "limit")
    rows = visible_usage(request.user).select_related("product", "team").order_by("pk")
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    if since := day_parameter(given, "since"):
        rows = rows.filter(week__gte=since)
    if until := day_parameter(given, "until"):
        rows = rows.filter(week__lt=until)
    return answer(cut_page(rows, given, after=_after, key=_cursor, show=show_usage))


def _cursor(row: Usage) -> str:
    return f"{row.product_id} {row.team_id} {row.week}"


def _after(rows: QuerySet[Usage], cursor: Any) -> QuerySet[Usage]:
    """The rows behind ``cursor`` in the order of the primary key. Raises a 400 ``Problem`` for one we never gave."""
    try:
        product, team, week = str(cursor).split(" ")
        place = (int(product), int(team), date.fromisoformat(week))
    except ValueError:
        raise bad_cursor() from None
    return rows.filter(pk__gt=place)
