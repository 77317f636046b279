"""Import teams and colleagues from the company's directory."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from products.models import SheetKind
from products.services.directory_people import DirectoryMoved, apply_people, look_at_people
from products.services.directory_rows import PEOPLE_HEADINGS, TEAM_HEADINGS
from products.services.directory_teams import apply_teams, look_at_teams
from products.views.asking import form_page
from products.views.sheets import Importer, ImportPage, check, choose, refused_rows

PAGE = ImportPage(
    route="settings_directory",
    title="Directory",
    deed="import teams and people",
    verdict="Choose a file. You see what it would change before anything is changed. Nobody is ever taken away.",
    importers=(
        Importer(
            SheetKind.TEAMS,
            "team",
            "A slug that is there already gets the file’s name; a team that the file leaves out stays.",
            TEAM_HEADINGS,
            look=lambda table, by, now: look_at_teams(table=table),
            apply=lambda table, by, keep, now: apply_teams(table=table, keep_good_rows=keep),
            about="Team",
        ),
        Importer(
            SheetKind.PEOPLE,
            "colleague",
            "All teams of a colleague stand in the file, one in each row: a team that is no longer named ends on the day "
            "the newest role begins. Whoever is left out of the file stays as they are.",
            PEOPLE_HEADINGS,
            look=lambda table, by, now: look_at_people(table=table, today=now.date()),
            apply=lambda table, by, keep, now: apply_people(table=table, keep_good_rows=keep, now=now),
            moved=(DirectoryMoved,),
        ),
    ),
)


@form_page
def directory(request: HttpRequest) -> HttpResponse:
    """Choose a table of teams or of colleagues."""
    return choose(request, PAGE)


@form_page
def directory_sheet(request: HttpRequest, number: int) -> HttpResponse:
    """Look at a chosen table, and apply it."""
    return check(request, PAGE, number)


@require_safe
def directory_refused(request: HttpRequest, number: int) -> HttpResponse:
    """The refused rows with their reasons, as a file."""
    return refused_rows(request, PAGE, number)
