"""Short ways to set a scene. Rows are written directly: the services are what the tests exercise."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from metrics.models import Kpi
from products.models import ApiToken, Assignment, Membership, Product, ProductTeam, Scope, Team, User
from products.services.tokens import make_token as make_api_token

LONG_AGO = date(2020, 1, 1)
NUMBERS = count(1)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def since(start: date = LONG_AGO) -> DateRange:
    """An open-ended span of days."""
    return DateRange(start, None, "[)")


def make_user(name: str, **fields: Any) -> User:
    """A colleague without a password; tests sign in with ``force_login``."""
    email = fields.pop("email", f"{name.lower().replace(' ', '.')}@example.com")
    return User.objects.create(email=email, name=name, password="!", **fields)


def make_team(slug: str) -> Team:
    """A team named after its slug."""
    return Team.objects.create(slug=slug, name=slug.replace("-", " ").capitalize())


def make_product(slug: str, type: str = "I", **fields: Any) -> Product:
    """A product; ``type`` is "I" or "E", and released_is_live follows it."""
    defaults = {"name": slug.replace("-", " ").capitalize(), "released_is_live": type == "I"}
    return Product.objects.create(slug=slug, type=type, **{**defaults, **fields})


def join(user: User, team: Team, role: str, *, start: date = LONG_AGO) -> Membership:
    """Put a person in a team."""
    return Membership.objects.create(user=user, team=team, role=role, period=since(start))


def own(team: Team, product: Product, *, start: date = LONG_AGO) -> ProductTeam:
    """Give a product to a team."""
    return ProductTeam.objects.create(team=team, product=product, period=since(start))


def assign(user: User, product: Product, role: str = "owner", *, start: date = LONG_AGO) -> Assignment:
    """Make a person the product's PM."""
    return Assignment.objects.create(user=user, product=product, role=role, period=since(start))


def make_kpi(product: Product, slug: str, form: str = "sum", **fields: Any) -> Kpi:
    """A KPI of ``form`` sum, ratio or mean."""
    defaults = {"name": slug.replace("-", " ").capitalize(), "family": "other", "direction": "up"}
    return Kpi.objects.create(product=product, slug=slug, form=form, **{**defaults, **fields})


def make_token(
    user: User,
    *,
    product: Product | None = None,
    team: Team | None = None,
    scopes: list[str] | None = None,
    now: datetime | None = None,
) -> str:
    """The secret of a new token, with every scope unless told."""
    made = make_api_token(
        name=f"test {next(NUMBERS)}",
        kind=ApiToken.Kind.CI,
        scopes=list(scopes or Scope.values),
        maker=user,
        product=product,
        team=team,
        now=now or datetime.now(UTC),
    )
    return made.secret
