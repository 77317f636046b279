"""Who confirms whom in turn: shown to those who lead them, as a reason to look and never as a reproach."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from metrics.models import Enablement
from products.access import Actor, teams_of
from products.catalog.words import counted
from products.models import Membership

MOST_PAIRS = 20
MOST_UNBLOCKING_TEAMS = 4

# Each backed enablement between the teams that owned both ends when it was said, and the people who said so.
BACKED_ENDS = """
WITH ends AS (
    SELECT said.id, helping.team_id AS helping_team, coalesce(helped.team_id, said.downstream_team_id) AS helped_team,
        said.claimed_by_id AS claimant, said.answered_by_id AS answerer
    FROM metrics_enablement AS said
    LEFT JOIN products_productteam AS helping
        ON helping.product_id = said.upstream_product_id AND helping.period @> (said.made_at AT TIME ZONE 'UTC')::date
    LEFT JOIN products_productteam AS helped
        ON helped.product_id = said.downstream_product_id AND helped.period @> (said.made_at AT TIME ZONE 'UTC')::date
    WHERE said.state IN ('confirmed', 'adjusted', 'measured')
)
"""
TEAMS = (
    BACKED_ENDS
    + """
SELECT one.name, other.name, count(DISTINCT there.id), count(DISTINCT back.id)
FROM ends AS there
JOIN ends AS back ON back.helping_team = there.helped_team AND back.helped_team = there.helping_team
JOIN products_team AS one ON one.id = there.helping_team JOIN products_team AS other ON other.id = there.helped_team
WHERE there.helping_team < there.helped_team AND (one.id = ANY (%(led)s) OR other.id = ANY (%(led)s))
GROUP BY one.name, other.name ORDER BY 1, 2 LIMIT %(most)s
"""
)
# People of the reader's teams who confirmed each other's claims, by name.
PEOPLE = (
    BACKED_ENDS
    + """
SELECT one.name, other.name, count(DISTINCT there.id), count(DISTINCT back.id)
FROM ends AS there
JOIN ends AS back ON back.claimant = there.answerer AND back.answerer = there.claimant
JOIN products_user AS one ON one.id = there.claimant JOIN products_user AS other ON other.id = there.answerer
WHERE there.claimant < there.answerer AND EXISTS (
    SELECT FROM products_membership AS member
    WHERE member.team_id = ANY (%(led)s) AND member.period @> %(day)s::date AND member.user_id IN (one.id, other.id)
)
GROUP BY one.name, other.name ORDER BY 1, 2 LIMIT %(most)s
"""
)
WITHIN = (
    BACKED_ENDS
    + """
SELECT team.name, count(*) FROM ends JOIN products_team AS team ON team.id = ends.helping_team
WHERE ends.helping_team = ends.helped_team AND team.id = ANY (%(led)s)
GROUP BY team.name ORDER BY 1 LIMIT %(most)s
"""
)
UNBLOCKERS = """
SELECT coalesce(team.name, product.name), min(said.id)
FROM metrics_enablement AS said
JOIN products_product AS product ON product.id = said.upstream_product_id
LEFT JOIN products_productteam AS held
    ON held.product_id = product.id AND held.period @> (said.made_at AT TIME ZONE 'UTC')::date
LEFT JOIN products_team AS team ON team.id = held.team_id
WHERE said.feature_id = %(feature)s AND said.kind = 'unblocked' AND said.state IN ('confirmed', 'adjusted', 'measured')
    AND said.id IS DISTINCT FROM %(but)s
GROUP BY 1 ORDER BY 1
"""
TEAM_OF = "SELECT name FROM products_team AS team JOIN products_productteam AS held ON held.team_id = team.id WHERE held.product_id = %s AND held.period @> %s::date"


@dataclass(frozen=True, slots=True)
class Circle:
    """Two who confirmed each other's help, or one team that confirmed its own: in words, with how often each way."""

    names: str
    text: str


@dataclass(frozen=True, slots=True)
class Circles:
    """What a lead may want to look at, by teams and by people of his."""

    teams: tuple[Circle, ...]
    people: tuple[Circle, ...]
    within: tuple[Circle, ...]

    def __bool__(self) -> bool:
        return bool(self.teams or self.people or self.within)


def circles_for(user: Actor, *, day: date) -> Circles:
    """Circles of the teams that the reader leads today; nothing for anybody else. Four statements."""
    led = list(teams_of(user, day=day, roles=(Membership.Role.LEAD,)).values_list("pk", flat=True))
    if not led:
        return Circles((), (), ())
    given = {"led": led, "day": day, "most": MOST_PAIRS}
    return Circles(
        tuple(_both_ways(row) for row in _rows(TEAMS, given)),
        tuple(_both_ways(row) for row in _rows(PEOPLE, given)),
        tuple(
            Circle(name, f"{counted(count, 'enablement')} between its own products, confirmed within the team")
            for name, count in _rows(WITHIN, given)
        ),
    )


def unblocking_teams(row: Enablement) -> dict[str, str]:
    """The teams that are known to have unblocked the same feature, ``row`` left out, each with one enablement's key."""
    found = _rows(UNBLOCKERS, {"feature": row.feature_id, "but": row.pk})
    return {name: f"E-{number}" for name, number in found}


def team_of(row: Enablement) -> str:
    """The team whose product helps, when it was said; the product where no team owned it."""
    found = _rows(TEAM_OF, [row.upstream_product_id, row.made_at.date()])
    return str(found[0][0]) if found else row.upstream_product.name


def _both_ways(row: tuple[Any, ...]) -> Circle:
    one, other, there, back = row
    return Circle(f"{one} and {other}", f"{other} confirmed {there} of {one}, {one} confirmed {back} of {other}")


def _rows(sql: str, given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
