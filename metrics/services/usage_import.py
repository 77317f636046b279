"""Usage from an uploaded table: checked against what is held, stored like any other push."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from metrics.access import uploadable_usage
from metrics.models import Usage
from metrics.services.usage import NewUsage, push_usage, why_not_usage
from metrics.sheets.usage import UsageRow, usage_rows
from pmtrack.web.tables.files import Table
from products.access import visible_products, visible_teams
from products.models import Product, Team, User
from products.services.sheets import Line, Looked, refusals_of, refuse_unless_asked, rows_that_disagree

SOURCE = "csv"
Key = tuple[int, int, date]
Said = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Plan:
    looked: Looked
    rows: tuple[NewUsage, ...]


def look_at_usage(*, table: Table, by: User, now: datetime) -> Looked:
    """What applying the table would do. Writes nothing; four statements. Raises ``Unreadable``."""
    return _plan(table, by, now).looked


@transaction.atomic
def apply_usage(*, table: Table, by: User, keep_good_rows: bool, now: datetime) -> Looked:
    """Store the rows; a week that is held already is corrected. Raises ``NothingToApply``, ``RowsRefused``, ``Unreadable``."""
    plan = _plan(table, by, now)
    refuse_unless_asked(plan.looked, keep_good_rows=keep_good_rows)
    push_usage(rows=plan.rows, source=SOURCE, now=now)
    return plan.looked


def _plan(table: Table, by: User, now: datetime) -> _Plan:
    said, reasons = usage_rows(table)
    fitting = _fit(said, reasons, by, now)
    disagree = rows_that_disagree(
        (number, _who(row), (row.active_users, row.eligible_users, row.actions)) for number, row in fitting
    )
    reasons |= disagree
    once: dict[Key, tuple[int, NewUsage]] = {}
    for number, row in fitting:
        if number not in disagree:
            once.setdefault(row.key, (number, row))
    held = _held([row for _, row in once.values()])
    new, changed = _lines(once, held)
    same = len(table.rows) - len(reasons) - len(new) - len(changed)
    refused = refusals_of(dict(table.rows), reasons)
    return _Plan(Looked(new, changed, (), same, refused), tuple(row for _, row in once.values()))


def _fit(said: Sequence[UsageRow], reasons: dict[int, str], by: User, now: datetime) -> list[tuple[int, NewUsage]]:
    """The rows whose product and team are there and fit; why the others do not stands in ``reasons`` afterwards."""
    products = {one.slug: one for one in visible_products(by).filter(slug__in={row.product for row in said})}
    mine = set(uploadable_usage(by, day=now.date()).values_list("pk", flat=True))
    teams = {one.slug: one for one in visible_teams(by).filter(slug__in={row.team for row in said})}
    # East of Greenwich the week may have begun while it is still Sunday here.
    last_day = now.date() + timedelta(days=1)
    fitting = []
    for row in said:
        why, fitted = _fitted(row, products, mine, teams, last_day)
        if fitted is None:
            reasons[row.number] = why
        else:
            fitting.append((row.number, fitted))
    return fitting


def _fitted(
    row: UsageRow, products: Mapping[str, Product], mine: set[int], teams: Mapping[str, Team], last_day: date
) -> tuple[str, NewUsage | None]:
    """The row to store, or why it is refused."""
    product, team = products.get(row.product), teams.get(row.team)
    if product is None:
        return f"There is no product '{row.product}'. Check the slug.", None
    wrong = why_not_usage(product, team, row.week, row.active_users, row.eligible_users, row.team, last_day)
    if wrong or team is None:
        return wrong[1] if wrong else "", None
    if product.pk not in mine:
        return f"You answer for no product '{row.product}': its PMs and the leads of its team upload its usage.", None
    return "", NewUsage(product, team, row.week, row.active_users, row.eligible_users, row.actions)


def _held(rows: Sequence[NewUsage]) -> dict[Key, Said]:
    """What is held of the products' weeks between the first and the last of ``rows``."""
    if not rows:
        return {}
    weeks = [row.week for row in rows]
    found = Usage.objects.filter(
        product__in={row.product.pk for row in rows}, week__range=(min(weeks), max(weeks))
    ).values_list("product", "team", "week", "active_users", "eligible_users", "actions")
    return {(product, team, week): (active, could, deeds) for product, team, week, active, could, deeds in found}


def _lines(
    once: Mapping[Key, tuple[int, NewUsage]], held: Mapping[Key, Said]
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """What is new and what is corrected, in words; rows that say what is held are left out."""
    new, changed = [], []
    for key, (number, row) in once.items():
        says = (row.active_users, row.eligible_users, row.actions)
        if key not in held:
            new.append(Line(number, _who(row), _words(says)))
        elif held[key] != says:
            changed.append(Line(number, _who(row), f"{_words(held[key])} becomes {_words(says)}"))
    return tuple(new), tuple(changed)


def _who(row: NewUsage) -> str:
    return f"{row.team.name} with {row.product.name}, week of {row.week}"


def _words(said: Said) -> str:
    active, eligible, actions = said
    return f"{active:,} of {eligible:,} colleagues, {actions:,} actions"
