"""Who may see and do what on the metrics floor (domain.md §4). Deny unless allowed."""

from datetime import date, datetime

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q, QuerySet

from metrics.catalog.quarters import Quarter
from metrics.models import (
    Assessment,
    Commitment,
    ContextEvent,
    Contribution,
    ContributionAsk,
    Credit,
    CreditPart,
    CreditSplit,
    Enablement,
    Estimate,
    Experiment,
    Kpi,
    LeadNote,
    Letter,
    ReleaseDecision,
    ReviewPack,
    Rollup,
    TalkNote,
    Upload,
    Usage,
    WeeklyRollup,
)
from products.access import (
    Actor,
    is_known,
    led_people,
    manageable_products,
    owned_products,
    readable_people,
    teams_of,
    visible_features,
    visible_releases,
    writable_products,
)
from products.models import Assignment, Feature, Membership, Product, ProductType, Release, Team, User


def visible_kpis(user: Actor) -> QuerySet[Kpi]:
    """KPIs and their readings are product facts: open inside the company."""
    return Kpi.objects.all() if is_known(user) else Kpi.objects.none()


def visible_usage(user: Actor) -> QuerySet[Usage]:
    """Reach by team is a product fact: open inside the company."""
    return Usage.objects.all() if is_known(user) else Usage.objects.none()


def visible_rollups(user: Actor) -> QuerySet[Rollup]:
    """Sums of product facts: open inside the company."""
    return Rollup.objects.all() if is_known(user) else Rollup.objects.none()


def visible_weekly_rollups(user: Actor) -> QuerySet[WeeklyRollup]:
    """Sums of product facts by week: open inside the company."""
    return WeeklyRollup.objects.all() if is_known(user) else WeeklyRollup.objects.none()


def visible_commitments(user: Actor) -> QuerySet[Commitment]:
    """What releases are to do is a product fact: open inside the company, every version of it."""
    return Commitment.objects.all() if is_known(user) else Commitment.objects.none()


def visible_events(user: Actor) -> QuerySet[ContextEvent]:
    """Campaigns and outages are open inside the company."""
    return ContextEvent.objects.all() if is_known(user) else ContextEvent.objects.none()


def visible_experiments(user: Actor) -> QuerySet[Experiment]:
    """Results of experiments are open inside the company."""
    return Experiment.objects.all() if is_known(user) else Experiment.objects.none()


def visible_decisions(user: Actor) -> QuerySet[ReleaseDecision]:
    """What became of a release is open inside the company."""
    return ReleaseDecision.objects.all() if is_known(user) else ReleaseDecision.objects.none()


def committable_features(user: Actor, *, day: date) -> QuerySet[Feature]:
    """Features whose KPIs the user names: those of his own products as PM or lead, never as admin."""
    return visible_features(user).filter(product__in=manageable_products(user, day=day))


def committable_releases(user: Actor, *, day: date) -> QuerySet[Release]:
    """Releases whose KPIs the user names, whose experiments he enters and about which he decides: of his own products."""
    return visible_releases(user).filter(product__in=manageable_products(user, day=day))


def notes_for_the_company(user: Actor, *, day: date) -> bool:
    """Whether the user notes events of the whole company, which mask every product's days: leads do."""
    return is_known(user) and teams_of(user, day=day, roles=(Membership.Role.LEAD,)).exists()


def writable_events(user: Actor, *, day: date) -> QuerySet[ContextEvent]:
    """Events that the user may change: of his own products as PM or lead, and of the company for leads."""
    mine = Q(product__in=manageable_products(user, day=day))
    return ContextEvent.objects.filter(mine | Q(product__isnull=True) if notes_for_the_company(user, day=day) else mine)


def uploadable_kpis(user: Actor, *, day: date) -> QuerySet[Kpi]:
    """KPIs whose readings the user may upload: those of his own products as PM or lead, never as admin."""
    return Kpi.objects.filter(product__in=manageable_products(user, day=day))


def uploadable_usage(user: Actor, *, day: date) -> QuerySet[Product]:
    """Internal products whose usage the user may upload: his own as PM or lead, never as admin."""
    return manageable_products(user, day=day).filter(type=ProductType.INTERNAL)


def visible_uploads(user: Actor, *, now: datetime) -> QuerySet[Upload]:
    """Files that the user chose, as long as they are kept and he may still upload to their KPI."""
    if not is_known(user):
        return Upload.objects.none()
    return Upload.objects.filter(
        owner=user, expires_at__gt=now, kpi__in=uploadable_kpis(user, day=now.date())
    ).select_related("kpi__product")


def visible_estimates(user: Actor) -> QuerySet[Estimate]:
    """What releases did to KPIs is a product fact: open inside the company."""
    return Estimate.objects.all() if is_known(user) else Estimate.objects.none()


def visible_enablements(user: Actor) -> QuerySet[Enablement]:
    """Who helped whom, and who says so, is a product fact: open inside the company."""
    return Enablement.objects.all() if is_known(user) else Enablement.objects.none()


def visible_credits(user: Actor) -> QuerySet[Credit]:
    """What products are credited with is a product fact: open inside the company, like the effects that it is split from."""
    return Credit.objects.all() if is_known(user) else Credit.objects.none()


def visible_splits(user: Actor) -> QuerySet[CreditSplit]:
    """Whose work a release was: a product fact."""
    return CreditSplit.objects.all() if is_known(user) else CreditSplit.objects.none()


def visible_parts(user: Actor) -> QuerySet[CreditPart]:
    """Who has which share of a release: a product fact. Parts are of products and teams, never of people."""
    return CreditPart.objects.all() if is_known(user) else CreditPart.objects.none()


def may_speak_for_helping(user: Actor, product: Product, *, day: date) -> bool:
    """Whether the user claims that ``product`` helped: its PMs and leads, and administrators."""
    return writable_products(user, day=day).filter(pk=product.pk).exists()


def may_speak_for_helped(user: Actor, *, product: Product | None, team: Team | None, day: date) -> bool:
    """Whether the user says what helped this work: PMs and leads of its product, anybody of its team."""
    if product is not None and writable_products(user, day=day).filter(pk=product.pk).exists():
        return True
    roles = tuple(Membership.Role)
    return team is not None and teams_of(user, day=day, roles=roles).filter(pk=team.pk).exists()


def visible_letters(user: Actor) -> QuerySet[Letter]:
    """Letters are for the one they are written to, and for nobody else."""
    return Letter.objects.filter(to=user) if is_known(user) else Letter.objects.none()


def led_products(user: Actor, *, day: date) -> QuerySet[Product]:
    """Products of the teams that the user leads, never as admin."""
    if not is_known(user) or user.is_admin:
        return Product.objects.none()
    return owned_products(teams_of(user, day=day, roles=(Membership.Role.LEAD,)), day=day)


def assessed_products(user: Actor, *, day: date) -> QuerySet[Product]:
    """Internal products whose assessments the user reads: as their PM, or as a lead of the team that owns them."""
    if not is_known(user) or user.is_admin:
        return Product.objects.none()
    own = Assignment.objects.filter(user_id=user.pk, period__contains=day).values("product")
    mine = Q(pk__in=own) | Q(pk__in=led_products(user, day=day).values("pk"))
    return Product.objects.filter(mine, type=ProductType.INTERNAL)


def assessable_products(user: Actor, *, day: date, quarter: Quarter) -> QuerySet[Product]:
    """Internal products that the user assesses for a quarter: of the teams he leads, but for those whose PM he is or was in it.

    The database guards the same (migration 0018).
    """
    inside = Q(period__contains=day) | Q(period__overlap=DateRange(quarter.start, quarter.end))
    own = Assignment.objects.filter(inside, user_id=user.pk or 0).values("product")
    return led_products(user, day=day).filter(type=ProductType.INTERNAL).exclude(pk__in=own)


def visible_assessments(user: Actor, *, day: date) -> QuerySet[Assessment]:
    """What leads make of products: for the product's PM and the leads of its team, and for nobody else."""
    return Assessment.objects.filter(product__in=assessed_products(user, day=day).values("pk"))


def visible_contributions(user: Actor, *, day: date) -> QuerySet[Contribution]:
    """What people do outside the products is read where their record is, and by whom they ask about it as long as it stands."""
    if not is_known(user):
        return Contribution.objects.none()
    asked = ContributionAsk.objects.filter(contribution=OuterRef("pk"), asked=user)
    mine = Q(person__in=readable_people(user, day=day))
    return Contribution.objects.filter(mine | Q(Exists(asked), withdrawn_at__isnull=True))


def visible_talk_notes(user: Actor, *, day: date) -> QuerySet[TalkNote]:
    """Notes for the next talk are for the person and his lead."""
    return TalkNote.objects.filter(person__in=readable_people(user, day=day))


def visible_lead_notes(user: Actor, *, day: date) -> QuerySet[LeadNote]:
    """What a lead makes of a person's quarter is read by that person and his lead."""
    return LeadNote.objects.filter(person__in=readable_people(user, day=day))


def may_write_about(user: Actor, person: User, *, day: date) -> bool:
    """Whether the user leads ``person`` today and so writes what he makes of a quarter."""
    return led_people(user, day=day).filter(pk=person.pk).exists()


def visible_review_packs(user: Actor, *, day: date) -> QuerySet[ReviewPack]:
    """A frozen record is read where the record is."""
    return ReviewPack.objects.filter(person__in=readable_people(user, day=day))
