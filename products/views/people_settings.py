"""Settings of people, for administrators: who is here, who joined, who left."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pmtrack.web.form_pages import FormPage, settle
from products.forms.people import NewPersonForm, PersonForm, SureForm
from products.models import User
from products.queries.people import people_page
from products.services.edits import ChangedMeanwhile
from products.services.people import (
    AddressTaken,
    LastAdmin,
    PersonFacts,
    add_person,
    change_person,
    mark_as_left,
    welcome_back,
)
from products.views.asking import admin_only, form_page, page_asked

LEFT = (
    "They are signed out everywhere at once.",
    "Their API tokens are revoked. Make new ones for what still needs to run.",
    "Their roles end today; what was to begin later is taken back.",
    "What they did stays, under their name.",
)
BACK = ("They can sign in again once they have a password.", "Roles and API tokens are given anew.")


@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody, those who left included."""
    admin_only(request.user, "manage people")
    asked, page = request.GET.get("q", ""), page_asked(request)
    found = people_page(request.user, day=datetime.now(UTC).date(), asked=asked, page=page, with_left=True)
    return render(request, "settings/people.html", {"page": found})


@form_page
def new_person(request: HttpRequest) -> HttpResponse:
    """Add a colleague."""
    admin_only(request.user, "add people")
    page = _page("New person", "Roles in teams and products are given on the pages of those teams and products.", "Add")

    def save(given: dict[str, Any]) -> str:
        given.pop("version")
        return f"{add_person(**given).name} is there. Give them a role in a team next."

    return settle(request, page, NewPersonForm, save, refusals={AddressTaken: "email"})


@form_page
def edit_person(request: HttpRequest, number: int) -> HttpResponse:
    """Correct a name or address, give or take the administrator's rights."""
    now = datetime.now(UTC)
    person = _person(request, number)
    page = _page(f"Change {person.name}", "Past entries show the new name, too.", "Save")

    def save(given: dict[str, Any]) -> str:
        version = given.pop("version")
        held = change_person(person=person, facts=PersonFacts(**given), by=request.user, now=now, version=version)
        return f"{held.name} is changed."

    def build(data: Any) -> PersonForm:
        return PersonForm.of(User.objects.get(pk=person.pk), data)

    refusals = {AddressTaken: "email", LastAdmin: "is_admin"}
    return settle(request, page, build, save, refusals=refusals, conflicts=(ChangedMeanwhile,))


@form_page
def left(request: HttpRequest, number: int) -> HttpResponse:
    """Mark somebody as left, after saying what that does."""
    now = datetime.now(UTC)
    person = _person(request, number)
    page = _page(f"{person.name} has left", "This is what happens:", f"Mark {person.name} as left", LEFT)

    def save(given: dict[str, Any]) -> str:
        return f"{mark_as_left(person=person, by=request.user, now=now).name} is marked as left."

    return settle(request, page, SureForm, save, refusals={LastAdmin: None})


@form_page
def back(request: HttpRequest, number: int) -> HttpResponse:
    """Take somebody back who had left."""
    now = datetime.now(UTC)
    person = _person(request, number)
    page = _page(f"{person.name} is back", "This is what happens:", f"Welcome {person.name} back", BACK)

    def save(given: dict[str, Any]) -> str:
        return f"{welcome_back(person=person, by=request.user, now=now).name} is here again."

    return settle(request, page, SureForm, save, refusals={})


def _person(request: HttpRequest, number: int) -> User:
    admin_only(request.user, "manage people")
    person = User.objects.filter(pk=number).first()
    if person is None:
        raise Http404("There is no such person.")
    return person


def _page(title: str, words: str, submit: str, notes: tuple[str, ...] = ()) -> FormPage:
    every = reverse("settings_people")
    return FormPage(title, words, submit, every, (("Settings", reverse("settings")), ("People", every)), notes)
