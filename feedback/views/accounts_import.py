"""Import accounts, for administrators: they bring them in and, being administrators, see none of what accounts said."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from feedback.services.accounts_import import AccountsMoved, apply_accounts, look_at_accounts
from feedback.services.accounts_rows import HEADINGS
from products.models import SheetKind
from products.views.asking import form_page
from products.views.sheets import Importer, ImportPage, check, choose, refused_rows

PAGE = ImportPage(
    route="settings_accounts",
    title="Accounts",
    deed="import accounts",
    verdict="Choose a file. You see what it would change before anything is changed. No account is ever taken away.",
    importers=(
        Importer(
            SheetKind.ACCOUNTS,
            "account",
            "Customers, never people: a name, mail address or phone number of somebody outside the company does not "
            "belong in the file. A column that the file lacks stays as it is; an empty cell empties it, except consent.",
            HEADINGS,
            look=lambda table, by, now: look_at_accounts(table=table),
            apply=lambda table, by, keep, now: apply_accounts(table=table, by=by, keep_good_rows=keep, now=now),
            moved=(AccountsMoved,),
            about="Account",
        ),
    ),
)


@form_page
def import_accounts(request: HttpRequest) -> HttpResponse:
    """Choose a table of accounts."""
    return choose(request, PAGE)


@form_page
def accounts_sheet(request: HttpRequest, number: int) -> HttpResponse:
    """Look at a chosen table, and apply it."""
    return check(request, PAGE, number)


@require_safe
def accounts_refused(request: HttpRequest, number: int) -> HttpResponse:
    """The refused rows with their reasons, as a file."""
    return refused_rows(request, PAGE, number)
