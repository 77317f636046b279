"""Home and the impact pages: the team's, and those of each type."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from metrics.queries.dashboards import Dashboard, team_dashboard, type_dashboard
from metrics.queries.hands import hands_of
from metrics.queries.home import home_of
from metrics.queries.scope import KnownTeam, UnknownTeam, chosen_teams, own_teams
from metrics.views.filters import BadFilter, Link, bad_filter, keep, read_filters, span_links, team_query
from metrics.views.shell import teams_of_reader, version_with_teams
from pmtrack.web.freshness import fresh_page
from products.models import Membership
from products.queries.versions import ALL_FACTS, team_scope


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A lead goes to his team, a PM to his product, everybody else to the impact page."""
    return redirect(home_of(request.user, teams_of_reader(request), day=datetime.now(UTC).date()))


@require_safe
@fresh_page(lambda request: team_scope(request.GET.getlist("team")), version_with_teams)
def team_impact(request: HttpRequest) -> HttpResponse:
    """What the chosen teams' products did."""
    now = datetime.now(UTC)
    try:
        filters = read_filters(request, today=now.date())
        teams = chosen_teams(teams_of_reader(request), filters.teams)
    except BadFilter as error:
        return bad_filter(request, error)
    except UnknownTeam as error:
        return render(request, "metrics/no_such_team.html", {"slug": error.slug, "teams": error.known}, status=404)
    dashboard = team_dashboard(
        request.user, teams, period=filters.period, now=now, page=filters.page, whole=filters.whole
    )
    context = {
        "has_queue": _has_queue(request),
        "hands": hands_of(request.user, teams, dashboard.cycle.rows, now=now),
        "teams": _team_links(request, teams),
        "spans": span_links(request, filters.period, today=now.date()),
        **_around(request, dashboard),
    }
    return render(request, "metrics/team_impact.html", context)


@require_safe
@fresh_page(lambda request, type: ALL_FACTS, version_with_teams)
def type_impact(request: HttpRequest, type: str) -> HttpResponse:
    """What all products of one type did."""
    now = datetime.now(UTC)
    try:
        filters = read_filters(request, today=now.date())
    except BadFilter as error:
        return bad_filter(request, error)
    dashboard = type_dashboard(request.user, type, period=filters.period, now=now, page=filters.page)
    context = {
        "type": type,
        "spans": span_links(request, filters.period, today=now.date()),
        **_around(request, dashboard),
    }
    return render(request, "metrics/type_impact.html", context)


def _around(request: HttpRequest, dashboard: Dashboard) -> dict[str, object]:
    """The dashboard with the links that keep the rest of the address."""
    page = dashboard.page
    return {
        "dashboard": dashboard,
        "kept": keep(request, all=None, page=None),
        "previous": f"?{keep(request, page=str(page - 1))}" if page > 1 else "",
        "next": f"?{keep(request, page=str(page + 1))}" if page < dashboard.pages else "",
    }


def _has_queue(request: HttpRequest) -> bool:
    """As ``is_lead``, from the teams that were looked up already."""
    leads = any(team.role == Membership.Role.LEAD for team in teams_of_reader(request))
    return leads and not getattr(request.user, "is_admin", False)


def _team_links(request: HttpRequest, chosen: tuple[KnownTeam, ...]) -> tuple[Link, ...]:
    """The reader's own teams together and one by one; teams of others stay as they were asked for."""
    known = teams_of_reader(request)
    mine = own_teams(known) or known
    offered = mine if set(chosen) <= set(mine) else tuple(dict.fromkeys([*mine, *chosen]))
    links = [Link(team.name, f"?{team_query([team.slug])}", chosen == (team,)) for team in offered[:6]]
    if len(mine) < 2:
        return tuple(links)
    word = "Both teams" if len(mine) == 2 else "All teams"
    together = Link(word, f"?{team_query([team.slug for team in mine])}", set(chosen) == set(mine))
    return (together, *links)
