"""What the settings' views share: the product or team asked for, if the reader may change it, and pages by number."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pmtrack.web.form_pages import FormPage
from products.access import Actor, administers, manageable_teams, visible_products, visible_teams
from products.models import Ally, Assignment, Membership, Product, Team, User

WRITERS = "its PMs, the leads of its team and administrators"
STAFFERS = "the leads of its team and administrators"
KEEPERS = "its PMs and the leads of its team"
form_page = require_http_methods(["GET", "HEAD", "POST"])
Row = TypeVar("Row", Assignment, Ally, Membership)
Rule = Callable[..., QuerySet[Product]]


def product_asked(request: HttpRequest, slug: str, *, rule: Rule, day: date, who: str) -> Product:
    """The product, where ``rule`` lets the reader change it. Raises 404 and 403; ``who`` says who may."""
    product = visible_products(request.user).select_related("continues").filter(slug=slug).first()
    if product is None:
        raise Http404(f"There is no product '{slug}' that you may see.")
    if not rule(request.user, day=day).filter(pk=product.pk).exists():
        raise PermissionDenied(f"Only {who} may change this about {product.name}.")
    return product


def team_asked(request: HttpRequest, slug: str, *, day: date) -> Team:
    """The team, where the reader leads it or administers pmtrack. Raises 404 and 403."""
    team = visible_teams(request.user).filter(slug=slug).first()
    if team is None:
        raise Http404(f"There is no team '{slug}'.")
    if not manageable_teams(request.user, day=day).filter(pk=team.pk).exists():
        raise PermissionDenied(f"Only a lead of {team.name} or an administrator may change who belongs to it.")
    return team


def person_asked(request: HttpRequest, number: int) -> User:
    """The person, for administrators. Raises 403 and 404."""
    admin_only(request.user, "manage people")
    person = User.objects.filter(pk=number).first()
    if person is None:
        raise Http404("There is no such person.")
    return person


def row_asked(table: type[Row], number: int, **where: Product | Team) -> Row:
    """The dated row of a product or team. Raises 404."""
    row: Row | None = table._default_manager.select_related("user", *where).filter(pk=number, **where).first()
    if row is None:
        raise Http404("There is no such row. It may have been taken back before it began.")
    return row


def product_page(title: str, words: str, submit: str, product: Product | None = None) -> FormPage:
    """A form about a product, or about products."""
    every = reverse("settings_products")
    crumbs = (("Settings", reverse("settings")), ("Products", every))
    if product is None:
        return FormPage(title, words, submit, every, crumbs)
    back = reverse("settings_product", args=[product.slug])
    return FormPage(title, words, submit, back, (*crumbs, (product.name, back)))


def team_page(title: str, words: str, submit: str, team: Team | None = None) -> FormPage:
    """A form about a team, or about teams."""
    every = reverse("settings_teams")
    crumbs = (("Settings", reverse("settings")), ("Teams", every))
    if team is None:
        return FormPage(title, words, submit, every, crumbs)
    back = reverse("settings_team", args=[team.slug])
    return FormPage(title, words, submit, back, (*crumbs, (team.name, back)))


def people_form(title: str, words: str, submit: str, notes: tuple[str, ...] = ()) -> FormPage:
    """A form about a person, or about people."""
    every = reverse("settings_people")
    return FormPage(title, words, submit, every, (("Settings", reverse("settings")), ("People", every)), notes)


def admin_only(user: Actor, deed: str) -> None:
    """Raise 403 for everybody but administrators."""
    if not administers(user):
        raise PermissionDenied(f"Only an administrator may {deed}.")


def page_asked(request: HttpRequest) -> int:
    """``?page=``, one unless told. Raises 404 for what is no page number."""
    given = request.GET.get("page", "1")
    if not (given.isascii() and given.isdigit() and len(given) < 6 and int(given) > 0):
        raise Http404("There is no such page. Start from the first.")
    return int(given)
