"""What "Find or do" can do: each action with the address that it leads to and who may do it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.urls import NoReverseMatch, reverse

from feedback.access import can_log
from products.access import Actor, is_known, manageable_products
from products.models import User

May = Callable[[Actor, date], bool]


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


def _everybody(user: Actor, day: date) -> bool:
    return is_known(user)


def _logging(user: Actor, day: date) -> bool:
    return can_log(user)


def _managing(user: Actor, day: date) -> bool:
    """PMs and leads, for their own products."""
    return manageable_products(user, day=day).exists()


def _watching_tokens(user: Actor, day: date) -> bool:
    return _administering(user, day) or _managing(user, day)


def _administering(user: Actor, day: date) -> bool:
    return is_known(user) and isinstance(user, User) and user.is_admin


# In the order in which they are offered. The next floors' pages join here with a line each.
ACTIONS = (
    Action("Log feedback", "new_feedback", "heard said note capture write", _logging),
    Action("Upload readings", "kpis", "csv import file values kpi push", _managing),
    Action("Make a token", "tokens", "api key secret ci access new", _managing),
    Action("Read the push log", "push_log", "api calls errors refused pipeline", _watching_tokens),
    Action("Team impact", "team_impact", "go dashboard lead effect", _everybody),
    Action("Internal impact", "internal_impact", "go type I colleagues reach", _everybody),
    Action("External impact", "external_impact", "go type E customers kpi", _everybody),
    Action("Feedback", "feedback", "go inbox heard entries", _everybody),
    Action("All products", "products", "go list", _everybody),
    Action("All releases", "releases", "go list versions shipped", _everybody),
    Action("All KPIs", "kpis", "go list measures figures", _everybody),
    Action("People", "people", "go colleagues who names", _everybody),
    Action("API documentation", "api_docs", "go rest curl openapi docs help", _everybody),
    Action("Settings", "settings", "change products teams roles definitions", _everybody),
    Action("What is recorded about me", "about_me", "privacy audit data", _everybody),
    Action("Audit", "audit", "who did what changes sign-ins", _administering),
)


def actions_of(user: Actor, *, day: date) -> tuple[tuple[Action, str], ...]:
    """What the person may do here, with addresses. One statement for each rule that needs one."""
    offered = [(action, address(action.url_name)) for action in ACTIONS]
    rules = {action.may for action, url in offered if url}
    allowed = {may for may in rules if may(user, day)}
    return tuple((action, url) for action, url in offered if url and action.may in allowed)
