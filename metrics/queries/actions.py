"""What "Find or do" can do: each action with the address that it leads to and who may do it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.urls import NoReverseMatch, reverse

from metrics.queries.lead_queue import is_lead
from products.access import Actor, administers, is_known, manageable_products
from products.models import ProductType


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides which actions a person is offered: the types of the products that he manages, and his offices."""

    manages: frozenset[str]
    leads: bool
    administers: bool


May = Callable[[Standing], bool]


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do or a page to go to; ``words`` are others by which people look for it."""

    label: str
    url_name: str
    words: str
    may: May


def address(name: str, *arguments: object) -> str:
    """The address of a page, "" while this installation has no such page."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def _everybody(standing: Standing) -> bool:
    return True


def _managing(standing: Standing) -> bool:
    """PMs and leads, for their own products."""
    return bool(standing.manages)


def _uploading_usage(standing: Standing) -> bool:
    """PMs and leads of internal products."""
    return ProductType.INTERNAL in standing.manages


def _leading(standing: Standing) -> bool:
    return standing.leads


def _watching_tokens(standing: Standing) -> bool:
    return standing.administers or bool(standing.manages)


def _administering(standing: Standing) -> bool:
    return standing.administers


# In the order in which they are offered. The next floors' pages join here with a line each.
ACTIONS = (
    Action("Log feedback", "new_feedback", "heard said note capture write", _everybody),
    Action("Plan a feature", "new_feature", "new requirement build diagnosis", _managing),
    Action("Upload readings", "kpis", "csv import file values kpi push", _managing),
    Action("Claim that it helped", "new_enablement", "enablement enabled unblocked accelerated evidence", _managing),
    Action("Say whose work helped", "thank_enablement", "thanks thank enablement", _managing),
    Action(
        "Add a contribution", "new_contribution", "record vision culture roadmap hiring mentoring besides", _everybody
    ),
    Action("Make a token", "tokens", "api key secret ci access new", _managing),
    Action("Read the push log", "push_log", "api calls errors refused pipeline", _watching_tokens),
    Action("Team impact", "team_impact", "go dashboard lead effect", _everybody),
    Action("Internal impact", "internal_impact", "go type I colleagues reach", _everybody),
    Action("External impact", "external_impact", "go type E customers kpi", _everybody),
    Action("Feedback", "feedback", "go inbox heard entries", _everybody),
    Action("Diagnoses", "diagnoses", "go list why causes decisions watch decline", _everybody),
    Action("Cycle board", "cycle", "go kanban stages stuck columns", _everybody),
    Action("Accounts", "accounts", "go customers consent managers", _everybody),
    Action("Enablements", "enablements", "go list helped who whose evidence claims answers", _everybody),
    Action("My queue", "lead_queue", "go lead waits assess claims decide digest", _leading),
    Action("Letters to me", "letters", "go mail outbox messages questions", _everybody),
    Action("All features", "features", "go list built planned requirements stages", _everybody),
    Action("All products", "products", "go list", _everybody),
    Action("All releases", "releases", "go list versions shipped", _everybody),
    Action("All KPIs", "kpis", "go list measures figures", _everybody),
    Action("People", "people", "go colleagues who names", _everybody),
    Action("API documentation", "api_docs", "go rest curl openapi docs help", _everybody),
    Action("Settings", "settings", "change products teams roles definitions", _everybody),
    Action("What is recorded about me", "about_me", "privacy audit data", _everybody),
    Action("Import teams and people", "settings_directory", "csv directory colleagues table upload", _administering),
    Action("Import accounts", "settings_accounts", "csv customers table upload", _administering),
    Action("Upload usage", "usage_import", "csv reach teams weeks table upload", _uploading_usage),
    Action("Audit", "audit", "who did what changes sign-ins", _administering),
)


def standing_of(user: Actor, *, day: date) -> Standing:
    """The person's standing on ``day``. Two statements: finding asks at every letter that is typed."""
    types = manageable_products(user, day=day).order_by().values_list("type", flat=True).distinct()
    return Standing(frozenset(types), is_lead(user, day=day), administers(user))


def actions_of(user: Actor, *, day: date) -> tuple[tuple[Action, str], ...]:
    """What the person may do here, with addresses; nothing for strangers. Two statements."""
    if not is_known(user):
        return ()
    standing = standing_of(user, day=day)
    offered = [(action, address(action.url_name)) for action in ACTIONS]
    return tuple((action, url) for action, url in offered if url and action.may(standing))
