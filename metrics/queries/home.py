"""Where ``/`` leads."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from metrics.queries.scope import KnownTeam
from products.access import Actor, visible_products
from products.models import Assignment, Membership


def home_of(user: Actor, teams: Sequence[KnownTeam], *, day: date) -> str:
    """The address of a reader's first page: lead → team, PM → own product, else the impact page."""
    if any(team.role == Membership.Role.LEAD for team in teams):
        return reverse("team_impact")
    mine = Assignment.objects.filter(user_id=user.pk or 0, period__contains=day).values("product")
    slug = visible_products(user).filter(pk__in=mine).order_by("name").values_list("slug", flat=True).first()
    return reverse("product", args=[slug]) if slug else reverse("team_impact")
