"""Settings of teams: new ones, names, and who belongs to one in which role from when to when."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pmtrack.web.form_pages import Saved, settle
from products.access import administers
from products.forms.people import NewRoleForm, NewTeamForm, RoleForm, TeamForm
from products.forms.products import role_or_none
from products.models import Membership, Team
from products.queries.settings import team_choices, team_roles
from products.services.people import RoleOverlaps, TeamExists, add_team, join_team, rename_team
from products.services.refusals import SpanIsEmpty, in_words
from products.services.roles import HasHeld, change_role
from products.views.asking import admin_only, form_page, row_asked, team_asked, team_page


@require_safe
def team_list(request: HttpRequest) -> HttpResponse:
    """Every team, and which of them the reader may change."""
    rows = team_choices(request.user, day=datetime.now(UTC).date())
    return render(request, "settings/teams.html", {"rows": rows, "is_admin": administers(request.user)})


@form_page
def new_team(request: HttpRequest) -> HttpResponse:
    """Add a team."""
    admin_only(request.user, "add teams")
    page = team_page("New team", "A team owns products. Its people and their roles come next.", "Add team")

    def save(given: dict[str, Any]) -> Saved:
        team = add_team(slug=given["slug"], name=given["name"])
        return Saved(f"{team.name} is there. Add its people next.", reverse("settings_team", args=[team.slug]))

    return settle(request, page, NewTeamForm, save, refusals={TeamExists: "slug"})


@require_safe
def team_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Who belongs to the team, who will, and who did."""
    day = datetime.now(UTC).date()
    team = team_asked(request, slug, day=day)
    context = {"team": team, "roles": team_roles(team, day=day), "is_admin": administers(request.user)}
    return render(request, "settings/team.html", context)


@form_page
def change_team(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the team another name."""
    now = datetime.now(UTC)
    team = team_asked(request, slug, day=now.date())
    admin_only(request.user, "rename teams")
    page = team_page(f"Rename {team.name}", "Its short name in addresses stays.", "Save", team)

    def save(given: dict[str, Any]) -> str:
        rename_team(team=team, name=given["name"], now=now, version=given["version"])
        return f"The team is called {given['name']} now."

    def build(data: Any) -> TeamForm:
        return TeamForm.of(Team.objects.get(pk=team.pk), data)

    return settle(request, page, build, save, refusals={})


@form_page
def new_role(request: HttpRequest, slug: str) -> HttpResponse:
    """Put somebody in the team."""
    now = datetime.now(UTC)
    team = team_asked(request, slug, day=now.date())
    words = "Leads see their team’s people pages and accounts; PMs work on its products; members read."
    page = team_page(f"Add somebody to {team.name}", words, "Add", team)

    def save(given: dict[str, Any]) -> str:
        join_team(team=team, **given)
        return f"{given['user'].name} is in {team.name} from {given['start']} on."

    build = partial(NewRoleForm, initial={"start": now.date()})
    return settle(request, page, build, save, refusals={RoleOverlaps: "start", SpanIsEmpty: "end"})


@form_page
def edit_role(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """From a day on somebody has another role in the team, or none."""
    now = datetime.now(UTC)
    team = team_asked(request, slug, day=now.date())
    row = row_asked(Membership, number, team=team)
    words = f"{row.user.name}, {row.get_role_display()}, {in_words(row.period)}. What has held stays as it was."
    page = team_page(f"{row.user.name} in {team.name}", words, "Change", team)

    def save(given: dict[str, Any]) -> str:
        how = {"role": role_or_none(given), "start": given["start"], "version": given["version"]}
        change_role(membership=row, now=now, **how)
        return f"{row.user.name}’s role in {team.name} changes on {given['start']}."

    def build(data: Any) -> RoleForm:
        return RoleForm.of(row_asked(Membership, number, team=team), data, today=now.date())

    refusals = {HasHeld: "start", SpanIsEmpty: "start"}
    return settle(request, page, build, save, refusals=refusals)
