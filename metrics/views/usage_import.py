"""Upload who used internal products, team by team and week by week: the rows that REST takes, as a table."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from metrics.access import uploadable_usage
from metrics.services.usage_import import apply_usage, look_at_usage
from metrics.sheets.usage import HEADINGS
from products.access import Actor
from products.models import SheetKind
from products.views.asking import form_page
from products.views.sheets import Importer, ImportPage, check, choose, refused_rows


def _admit(user: Actor, now: datetime) -> None:
    if not uploadable_usage(user, day=now.date()).exists():
        raise PermissionDenied("Usage is uploaded by the PMs of internal products and the leads of their teams.")


PAGE = ImportPage(
    route="usage_import",
    title="Usage",
    deed="upload usage",
    verdict="Choose a file. You see what it would change before anything is changed. No week is ever taken away.",
    importers=(
        Importer(
            SheetKind.USAGE,
            "week",
            "A week that is held already is corrected where the file says something else. A team that the file leaves out "
            "has no data; only a 0 says that nobody used it.",
            HEADINGS,
            look=lambda table, by, now: look_at_usage(table=table, by=by, now=now),
            apply=lambda table, by, keep, now: apply_usage(table=table, by=by, keep_good_rows=keep, now=now),
            about="Team, product and week",
        ),
    ),
    admit=_admit,
    crumb=("Products", "products"),
)


@form_page
def import_usage(request: HttpRequest) -> HttpResponse:
    """Choose a table of usage."""
    return choose(request, PAGE)


@form_page
def usage_sheet(request: HttpRequest, number: int) -> HttpResponse:
    """Look at a chosen table, and apply it."""
    return check(request, PAGE, number)


@require_safe
def usage_refused(request: HttpRequest, number: int) -> HttpResponse:
    """The refused rows with their reasons, as a file."""
    return refused_rows(request, PAGE, number)
