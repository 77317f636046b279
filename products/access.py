"""Who may see and do what on the products floor (domain.md §4). Deny unless allowed.

``day`` is always the caller's today: roles are dated and hold from the next request on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from products.models import (
    ADMINISTERED,
    Ally,
    ApiToken,
    Assignment,
    AuditEntry,
    Feature,
    KeptSheet,
    Membership,
    Product,
    ProductTeam,
    Release,
    SheetKind,
    SignOffLetter,
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


def visible_sign_off_letters(user: Actor) -> QuerySet[SignOffLetter]:
    """Letters are for the one they are written to, and for nobody else."""
    return SignOffLetter.objects.filter(to=user) if is_known(user) else SignOffLetter.objects.none()


def visible_releases(user: Actor) -> QuerySet[Release]:
    """Releases are product facts: open inside the company."""
    return Release.objects.all() if is_known(user) else Release.objects.none()


def visible_features(user: Actor) -> QuerySet[Feature]:
    """Features are product facts: open inside the company."""
    return Feature.objects.all() if is_known(user) else Feature.objects.none()


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


def writable_features(user: Actor, *, day: date) -> QuerySet[Feature]:
    """Features of the products that the user may write to."""
    return Feature.objects.filter(product__in=writable_products(user, day=day))


def leads_product(user: Actor, product: Product, *, day: date) -> bool:
    """Whether the user leads the team that owns ``product``: he may waive what its PMs may not."""
    led = teams_of(user, day=day, roles=(Membership.Role.LEAD,))
    return owned_products(led, day=day).filter(pk=product.pk).exists()


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


def led_people(user: Actor, *, day: date) -> QuerySet[User]:
    """Whom the user leads on ``day``: PMs and members of his teams, no fellow lead. Nobody as an administrator, and never himself."""
    if not is_known(user) or user.is_admin:
        return User.objects.none()
    led = teams_of(user, day=day, roles=(Membership.Role.LEAD,))
    held = Membership.objects.filter(user=OuterRef("pk"), team__in=led, period__contains=day)
    return User.objects.filter(Exists(held.exclude(role=Membership.Role.LEAD))).exclude(pk=user.pk)


def readable_people(user: Actor, *, day: date) -> QuerySet[User]:
    """Whose record the user reads: his own, and that of whom he leads, as long as he does. Never by being admin."""
    return (
        User.objects.filter(Q(pk=user.pk) | Q(pk__in=led_people(user, day=day)))
        if is_known(user)
        else User.objects.none()
    )


def administers(user: Actor) -> bool:
    """Whether the user manages people, all teams and all products."""
    return bool(is_known(user) and user.is_admin)


def visible_sheets(user: Actor, *, kinds: Collection[str], now: datetime) -> QuerySet[KeptSheet]:
    """Tables of these kinds that the user chose, as long as they are kept and he may still import them."""
    if not is_known(user):
        return KeptSheet.objects.none()
    admitted = {*ADMINISTERED} if administers(user) else set()
    if manageable_products(user, day=now.date()).exists():
        admitted.add(SheetKind.USAGE)
    return KeptSheet.objects.filter(owner=user, kind__in=admitted & {*kinds}, expires_at__gt=now)


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


@dataclass(frozen=True, slots=True)
class Reach:
    """Of one product: whether the token is for it, and whether the token's maker may write to it now."""

    named: bool
    held: bool


# What ``token_products`` says, written out: this runs with every push, and compiling the querysets costs more than
# running them. A test holds the two together.
REACHED = """
SELECT product.slug,
    product.id = %(product)s OR EXISTS (
        SELECT FROM products_productteam AS ownership
        WHERE ownership.product_id = product.id AND ownership.team_id = %(team)s AND ownership.period @> %(day)s::date
    ),
    %(is_admin)s OR EXISTS (
        SELECT FROM products_productteam AS ownership
        JOIN products_membership AS member ON member.team_id = ownership.team_id
        WHERE ownership.product_id = product.id AND ownership.period @> %(day)s::date
            AND member.user_id = %(maker)s AND member.role = ANY(%(roles)s) AND member.period @> %(day)s::date
    ) OR EXISTS (
        SELECT FROM products_assignment AS assignment
        WHERE assignment.product_id = product.id AND assignment.user_id = %(maker)s
            AND assignment.period @> %(day)s::date
    )
FROM products_product AS product WHERE product.slug = ANY(%(slugs)s)
"""


def token_reach(token: ApiToken, slugs: Sequence[str], *, day: date) -> dict[str, Reach]:
    """For each known slug what the token may do with that product. One statement."""
    maker = token.created_by
    given = {
        "product": token.product_id,
        "team": token.team_id,
        "maker": maker.pk,
        "is_admin": maker.is_admin,
        "roles": [str(role) for role in WRITING_ROLES],
        "day": day,
        "slugs": list(slugs),
    }
    with connection.cursor() as cursor:
        cursor.execute(REACHED, given)
        rows = cursor.fetchall()
    return {slug: Reach(bool(named), held and is_known(maker)) for slug, named, held in rows}


def visible_tokens(user: Actor, *, day: date) -> QuerySet[ApiToken]:
    """Tokens for the PM's or lead's own products and teams; every token for admins, who may end them."""
    if not is_known(user):
        return ApiToken.objects.none()
    if user.is_admin:
        return ApiToken.objects.all()
    mine, teams = manageable_products(user, day=day), teams_of(user, day=day)
    return ApiToken.objects.filter(Q(product__in=mine) | Q(team__in=teams))


def token_teams(user: Actor, *, day: date) -> QuerySet[Team]:
    """Teams for which the user may make tokens: his own as PM or lead, any for admins."""
    return visible_teams(user) if is_known(user) and user.is_admin else teams_of(user, day=day)
