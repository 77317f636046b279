"""Whose products a page shows: the teams of the address, or the reader's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from products.access import Actor, owned_products, visible_products, visible_teams
from products.models import Membership, Product, Team

RANK = {Membership.Role.LEAD.value: 0, Membership.Role.PM.value: 1, Membership.Role.MEMBER.value: 2}


@dataclass(frozen=True, slots=True)
class KnownTeam:
    """A team and what the reader is in it ("lead", "pm", "member", or "" for an outsider)."""

    id: int
    slug: str
    name: str
    role: str


class UnknownTeam(Exception):
    """A team in the address does not exist; ``known`` are those that do."""

    def __init__(self, slug: str, known: Sequence[KnownTeam]) -> None:
        super().__init__(f"There is no team '{slug}'.")
        self.slug = slug
        self.known = tuple(known)


def known_teams(user: Actor, *, day: date) -> tuple[KnownTeam, ...]:
    """Every team by name, in one statement."""
    mine = Membership.objects.filter(team=OuterRef("pk"), user_id=user.pk or 0, period__contains=day).values("role")[:1]
    rows = visible_teams(user).annotate(mine=Subquery(mine)).order_by("name")
    return tuple(KnownTeam(row.pk, row.slug, row.name, row.mine or "") for row in rows)


def own_teams(teams: Sequence[KnownTeam]) -> tuple[KnownTeam, ...]:
    """The reader's own: those he leads, else those he is PM of, else those he is a member of."""
    mine = sorted((team for team in teams if team.role), key=lambda team: (RANK[team.role], team.name))
    return tuple(team for team in mine if team.role == mine[0].role)


def chosen_teams(teams: Sequence[KnownTeam], slugs: Sequence[str]) -> tuple[KnownTeam, ...]:
    """The teams named, else the reader's own, else all. Raises ``UnknownTeam``."""
    by_slug = {team.slug: team for team in teams}
    for slug in slugs:
        if slug not in by_slug:
            raise UnknownTeam(slug, teams)
    return tuple(by_slug[slug] for slug in dict.fromkeys(slugs)) or own_teams(teams) or tuple(teams)


def products_of(user: Actor, teams: Sequence[KnownTeam], *, day: date) -> QuerySet[Product]:
    """The visible products that the teams own on ``day``."""
    owners = Team.objects.filter(pk__in=[team.id for team in teams])
    return visible_products(user) & owned_products(owners, day=day)
