"""Usage of Type I products, in and out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.access import visible_usage
from metrics.api.readings import FIRST_DAY, pushed_answer
from metrics.api.shapes import PushedOut, UsageBatch, UsageBatchIn, UsageIn, UsageOut
from metrics.models import Usage
from metrics.services.readings import Pushed
from metrics.services.usage import NewUsage, push_usage
from pmtrack.web.answers import answer
from pmtrack.web.batches import Result, decode_batch, decode_items, refused
from pmtrack.web.errors import FieldProblem, Problem
from pmtrack.web.pagination import LARGEST_PAGE, page_size
from pmtrack.web.parsing import BATCH_LIMIT, bad_parameter, body_of, day_parameter, parameters
from pmtrack.web.schema import answers, body_schema
from pmtrack.web.throttles import TokenThrottle
from products.access import visible_teams
from products.api.authentication import requires_scope
from products.api.reach import reach_of
from products.models import Product, ProductType, Team


def _fit(
    index: int, sent: UsageIn, reach: dict[str, Product | Problem], teams: dict[str, Team], today: date
) -> NewUsage | Result:
    """The row to store, or why it is refused."""
    product = reach[sent.product]
    if isinstance(product, Problem):
        return Result(index, product.status_code, problem=product)
    wrong = _wrong(sent, product, teams, today)
    if wrong:
        found = FieldProblem(f"/rows/{index}/{wrong[0]}", "invalid", wrong[1])
        return refused(index, 422, "bad-usage", wrong[1], found)
    team = teams[sent.team]
    return NewUsage(product, team, sent.week, sent.active_users, sent.eligible_users, sent.actions)


def _wrong(sent: UsageIn, product: Product, teams: dict[str, Team], today: date) -> tuple[str, str] | None:
    if product.type != ProductType.INTERNAL:
        return "product", f"'{sent.product}' is external: its reach is a KPI. Usage is for internal products."
    if sent.team not in teams:
        return "team", f"There is no team '{sent.team}'. Check the slug."
    if sent.week.weekday() != 0:
        return "week", "'week' must be the Monday it starts on."
    if not FIRST_DAY <= sent.week <= today:
        return "week", f"'week' must lie between {FIRST_DAY} and today."
    if sent.active_users > sent.eligible_users:
        return "active_users", "'active_users' cannot be more than 'eligible_users'."
    return None


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
    reach = reach_of(request.auth, [sent.product for _, sent in decoded.good], now=now)
    named = {sent.team for _, sent in decoded.good}
    teams = {team.slug: team for team in visible_teams(request.user).filter(slug__in=named)}
    fitted = [(index, _fit(index, sent, reach, teams, now.date())) for index, sent in decoded.good]
    rows, bad = _once([*fitted], list(decoded.bad))
    pushed = Pushed(0, 0, 0)
    if rows and not (frame.atomic and bad):
        pushed = push_usage(rows=rows, source=frame.source, now=now)
    repeated = len(decoded.good) + len(decoded.bad) - len(bad) - len(rows)
    return pushed_answer(pushed, bad, repeated=repeated)


def _once(fitted: Sequence[tuple[int, NewUsage | Result]], bad: list[Result]) -> tuple[list[NewUsage], list[Result]]:
    """Equal repetitions dropped, unequal ones refused."""
    good: dict[tuple[int, int, date], NewUsage] = {}
    for index, row in fitted:
        if isinstance(row, Result):
            bad.append(row)
        elif good.setdefault(row.key, row) != row:
            detail = f"{row.team.slug} in the week of {row.week} is given twice with different values. Send it once."
            bad.append(refused(index, 422, "bad-usage", detail, FieldProblem(f"/rows/{index}", "invalid", detail)))
    return list(good.values()), bad


def show_usage(row: Usage) -> dict[str, Any]:
    """A row of usage as the API answers it."""
    return {
        "product": row.product.slug,
        "team": row.team.slug,
        "week": row.week,
        "active_users": row.active_users,
        "eligible_users": row.eligible_users,
        "actions": row.actions,
        "source": row.source,
    }


@extend_schema(operation_id="list_usage", responses=answers(200, page_of=UsageOut), filters=False)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
def list_usage(request: Request) -> HttpResponse:
    """One product's usage, newest week first; ``product`` is required, ``before`` pages back."""
    given = parameters(request, "product", "before", "limit")
    if "product" not in given:
        raise bad_parameter("product", "'product' is required: the slug of an internal product.")
    rows = visible_usage(request.user).filter(product__slug=given["product"]).select_related("product", "team")
    if before := day_parameter(given, "before"):
        rows = rows.filter(week__lt=before)
    size = min(page_size(given), LARGEST_PAGE)
    weeks = list(rows.order_by("-week").values_list("week", flat=True).distinct()[:size])
    if not weeks:
        return answer({"items": [], "next": None})
    shown = rows.filter(week__gte=weeks[-1]).order_by("-week", "team__slug")
    more = rows.filter(week__lt=weeks[-1]).exists()
    return answer({"items": [show_usage(row) for row in shown], "next": str(weeks[-1]) if more else None})
