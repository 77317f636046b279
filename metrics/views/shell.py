"""What stands around every page: the rail's products and the person signed in."""

from datetime import UTC, date, datetime

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from metrics.queries.scope import KnownTeam, known_teams, teams_and_version
from metrics.queries.shell import Shell, shell_of
from products.access import is_known
from products.queries.versions import Scope

NAV = {
    "team_impact": "impact",
    "internal_impact": "internal",
    "external_impact": "external",
    "feedback": "feedback",
    "new_feedback": "feedback",
    "feedback_item": "feedback",
    "edit_feedback": "feedback",
    "merge_feedback": "feedback",
    "withdraw_feedback": "feedback",
    "feedback_voices": "feedback",
    "cycle": "cycle",
    "diagnose": "feedback",
    "diagnoses": "diagnoses",
    "diagnosis": "diagnoses",
    "change_answers": "diagnoses",
    "decide": "diagnoses",
    "reopen": "diagnoses",
    "ask_about_diagnosis": "diagnoses",
    "ask_about_entry": "feedback",
    "asked": "diagnoses",
    "accounts": "accounts",
    "account": "accounts",
    "account_consent": "accounts",
    "products": "products",
    "people": "people",
    "person": "people",
    "next_talk": "people",
    "lead_note": "people",
    "new_review_pack": "people",
    "review_pack": "people",
    "new_contribution": "people",
    "contribution": "people",
    "confirm_contribution": "people",
    "ask_about_contribution": "people",
    "tokens": "tokens",
    "new_token": "tokens",
    "roll_token": "tokens",
    "revoke_token": "tokens",
    "push_log": "tokens",
    "api_docs": "api_docs",
    "about_me": "about_me",
    "releases": "releases",
    "release": "releases",
    "sign_offs": "sign_offs",
    "enablements": "enablements",
    "new_enablement": "enablements",
    "thank_enablement": "enablements",
    "enablement": "enablements",
    "answer_enablement": "enablements",
    "hand_on_enablement": "enablements",
    "ask_enablement_again": "enablements",
    "reopen_enablement": "enablements",
    "withdraw_enablement": "enablements",
    "letters": "enablements",
    "kpis": "kpis",
    "kpi": "kpis",
    "features": "features",
    "new_feature": "features",
    "feature": "features",
    "edit_feature": "features",
    "move_feature": "features",
    "waive_feature": "features",
    "ask_design_question": "features",
    "answer_question": "features",
}


def shell(request: HttpRequest) -> dict[str, object]:
    """Context of base.html; looked up only where a template asks, so errors and the admin cost nothing."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def teams_of_reader(request: HttpRequest) -> tuple[KnownTeam, ...]:
    """Every team with the reader's role in it, looked up once for each request."""
    held: tuple[KnownTeam, ...] | None = getattr(request, "known_teams", None)
    if held is None:
        held = known_teams(request.user, day=datetime.now(UTC).date())
        request.known_teams = held  # type: ignore[attr-defined]
    return held


def version_with_teams(request: HttpRequest, scope: Scope, day: date) -> str:
    """The data version of ``scope``, read together with the reader's teams, which every page needs."""
    teams, version = teams_and_version(request.user, scope, day=day)
    request.known_teams = teams
    return version


def _shell(request: HttpRequest) -> Shell | None:
    user = getattr(request, "user", None)
    if user is None or not is_known(user):
        return None
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    nav = "settings" if name.startswith("settings") else NAV.get(name, "")
    slug = match.kwargs.get("slug", "") if match else ""
    return shell_of(user, teams_of_reader(request), nav=nav or str(slug))
