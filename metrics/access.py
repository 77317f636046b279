"""Who may see and do what on the metrics floor (domain.md §4). Deny unless allowed."""

from django.db.models import QuerySet

from metrics.models import Kpi, Rollup, Usage, WeeklyRollup
from products.access import Actor, is_known


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
