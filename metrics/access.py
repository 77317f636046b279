"""Who may see and do what on the metrics floor (domain.md §4). Deny unless allowed."""

from datetime import date, datetime

from django.db.models import QuerySet

from metrics.models import Kpi, Rollup, Upload, Usage, WeeklyRollup
from products.access import Actor, is_known, manageable_products


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


def uploadable_kpis(user: Actor, *, day: date) -> QuerySet[Kpi]:
    """KPIs whose readings the user may upload: those of his own products as PM or lead, never as admin."""
    return Kpi.objects.filter(product__in=manageable_products(user, day=day))


def visible_uploads(user: Actor, *, now: datetime) -> QuerySet[Upload]:
    """Files that the user chose, as long as they are kept and he may still upload to their KPI."""
    if not is_known(user):
        return Upload.objects.none()
    return Upload.objects.filter(
        owner=user, expires_at__gt=now, kpi__in=uploadable_kpis(user, day=now.date())
    ).select_related("kpi__product")
