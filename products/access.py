"""Who may see and do what on the products floor (domain.md §4). Deny unless allowed.

``day`` is always the caller's today: roles are dated and hold from the next request on.
"""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from products.models import (
    Ally,
    ApiToken,
    Assignment,
    AuditEntry,
    Membership,
    Product,
    ProductTeam,
    Release,
    Team,
    User,
)

Actor = User | AnonymousUser
WRITING_ROLES = (Membership.Role.LEAD, Membership.Role.PM)


def is_known(user: Actor) -> bool:
    """Whether this is a signed-in colleague who has not left."""
    return bool(user.is_authenticated and user.is_active)


def visible_products(user: Actor) -> QuerySet[Product]:
    """Product facts are open inside the company, and to nobody else."""
    return Product.objects.all() if is_known(user) else Product.objects.none()


def visible_releases(user: Actor) -> QuerySet[Release]:
    """Releases are product facts: open inside the company."""
    return Release.objects.all() if is_known(user) else Release.objects.none()


def visible_teams(user: Actor) -> QuerySet[Team]:
    """Teams, without their people panel, are open inside the company."""
    return Team.objects.all() if is_known(user) else Team.objects.none()


def teams_of(user: Actor, *, day: date, roles: tuple[str, ...] = WRITING_ROLES) -> QuerySet[Team]:
    """The teams in which the user holds one of ``roles`` on ``day``."""
    if not is_known(user):
        return Team.objects.none()
    held = Membership.objects.filter(team=OuterRef("pk"), user=user, role__in=roles, period__contains=day)
    return Team.objects.filter(Exists(held))


def owned_products(teams: QuerySet[Team], *, day: date) -> QuerySet[Product]:
    """The products that any of ``teams`` owns on ``day``."""
    ownership = ProductTeam.objects.filter(product=OuterRef("pk"), team__in=teams, period__contains=day)
    return Product.objects.filter(Exists(ownership))


def writable_products(user: Actor, *, day: date) -> QuerySet[Product]:
    """Own team's products for its PMs and leads, and products the user is assigned to; all for admins."""
    if not is_known(user):
        return Product.objects.none()
    if user.is_admin:
        return Product.objects.all()
    assigned = Assignment.objects.filter(product=OuterRef("pk"), user=user, period__contains=day)
    ours = ProductTeam.objects.filter(product=OuterRef("pk"), team__in=teams_of(user, day=day), period__contains=day)
    return Product.objects.filter(Q(Exists(ours)) | Q(Exists(assigned)))


def products_with_customer_data(user: Actor, *, day: date) -> QuerySet[Product]:
    """Products whose accounts the user may see: the team's own and those he is an ally of. Never by being admin."""
    if not is_known(user):
        return Product.objects.none()
    ours = ProductTeam.objects.filter(product=OuterRef("pk"), team__in=teams_of(user, day=day), period__contains=day)
    assigned = Assignment.objects.filter(product=OuterRef("pk"), user=user, period__contains=day)
    allied = Ally.objects.filter(product=OuterRef("pk"), user=user, period__contains=day)
    return Product.objects.filter(Q(Exists(ours)) | Q(Exists(assigned)) | Q(Exists(allied)))


def manageable_products(user: Actor, *, day: date) -> QuerySet[Product]:
    """Products for which the user may make tokens and define KPIs: his own as PM or lead, never as admin."""
    if not is_known(user) or user.is_admin:
        return Product.objects.none()
    return writable_products(user, day=day)


def leads(user: Actor, team: Team, *, day: date) -> bool:
    """Whether the user leads ``team`` on ``day``."""
    return teams_of(user, day=day, roles=(Membership.Role.LEAD,)).filter(pk=team.pk).exists()


def administers(user: Actor) -> bool:
    """Whether the user manages people, all teams and all products."""
    return bool(is_known(user) and user.is_admin)


def manageable_teams(user: Actor, *, day: date) -> QuerySet[Team]:
    """Teams whose memberships the user may change: those he leads; all for admins."""
    return Team.objects.all() if administers(user) else teams_of(user, day=day, roles=(Membership.Role.LEAD,))


def staffable_products(user: Actor, *, day: date) -> QuerySet[Product]:
    """Products whose team and PMs the user may set: those of the teams he leads; all for admins."""
    return Product.objects.all() if administers(user) else owned_products(manageable_teams(user, day=day), day=day)


def token_products(token: ApiToken, *, day: date) -> QuerySet[Product]:
    """A token's reach AND its maker's present power: what it may write to."""
    mine = writable_products(token.created_by, day=day)
    if token.product_id is not None:
        return mine.filter(pk=token.product_id)
    return mine & owned_products(Team.objects.filter(pk=token.team_id), day=day)


def may_read_audit(user: Actor) -> bool:
    """The audit is for administrators; what concerns himself everybody reads (queries/audit.about_me)."""
    return is_known(user) and user.is_admin


def visible_audit(user: Actor) -> QuerySet[AuditEntry]:
    """All of the audit, or nothing."""
    return AuditEntry.objects.all() if may_read_audit(user) else AuditEntry.objects.none()
