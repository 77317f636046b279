"""Take in who used a Type I product, team by team and week by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from metrics.services.reading_values import FIRST_DAY
from metrics.services.readings import Pushed
from metrics.sheets.usage import NO_MONDAY
from products.models import Product, ProductType, Team


@dataclass(frozen=True, slots=True)
class NewUsage:
    """One team's use of one product in the week that starts on the Monday ``week``."""

    product: Product
    team: Team
    week: date
    active_users: int
    eligible_users: int
    actions: int = 0

    @property
    def key(self) -> tuple[int, int, date]:
        """The natural key."""
        return self.product.pk, self.team.pk, self.week


class WeekGivenTwice(Exception):
    """One push says two different things about one team's week."""

    def __init__(self, row: NewUsage) -> None:
        super().__init__(f"{row.team.slug} in the week of {row.week} is given twice with different values.")
        self.row = row


def why_not_usage(
    product: Product, team: Team | None, week: date | None, active: int, eligible: int, slug: str, last_day: date
) -> tuple[str, str] | None:
    """The column at fault and what is wrong with it, None for a row that can be stored; ``slug`` is the team as it was named."""
    if product.type != ProductType.INTERNAL:
        return "product", f"'{product.slug}' is external: its reach is a KPI. Usage is for internal products."
    if team is None:
        return "team", f"There is no team '{slug}'. Check the slug."
    if week is None:
        return "week", NO_MONDAY
    if not FIRST_DAY <= week <= last_day:
        return "week", f"'week' must lie between {FIRST_DAY} and this week."
    if active > eligible:
        return "active_users", "'active_users' cannot be more than 'eligible_users'."
    return None


UPSERT = """
WITH pushed AS (
    INSERT INTO metrics_usage AS held
        (product_id, team_id, week, active_users, eligible_users, actions, source, recorded_at)
    SELECT product, team, week, active, eligible, actions, %s, %s
    FROM json_to_recordset(%s::json) AS sent
        (product bigint, team bigint, week date, active integer, eligible integer, actions bigint)
    ORDER BY product, team, week
    ON CONFLICT (product_id, team_id, week) DO UPDATE SET
        active_users = excluded.active_users, eligible_users = excluded.eligible_users,
        actions = excluded.actions, source = excluded.source, recorded_at = excluded.recorded_at
    WHERE (held.active_users, held.eligible_users, held.actions) IS DISTINCT FROM
        (excluded.active_users, excluded.eligible_users, excluded.actions)
    RETURNING (xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM pushed
"""


@transaction.atomic
def push_usage(*, rows: Sequence[NewUsage], source: str, now: datetime) -> Pushed:
    """Store usage; a later push for the same week corrects it. Raises ``WeekGivenTwice``; then nothing is stored."""
    by_key: dict[tuple[int, int, date], NewUsage] = {}
    for row in rows:
        if by_key.setdefault(row.key, row) != row:
            raise WeekGivenTwice(row)
    sent = msgspec.json.encode([_columns(by_key[key]) for key in sorted(by_key)]).decode()
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [source, now, sent])
        created, corrected = cursor.fetchone()
    return Pushed(created, corrected, len(rows) - created - corrected)


def _columns(row: NewUsage) -> dict[str, Any]:
    return {
        "product": row.product.pk,
        "team": row.team.pk,
        "week": row.week,
        "active": row.active_users,
        "eligible": row.eligible_users,
        "actions": row.actions,
    }
