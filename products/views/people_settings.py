"""Settings of people, for administrators: who is here, who joined, who left."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pmtrack.web.form_pages import Saved, settle
from products.forms.people import NewPersonForm, PersonForm, SureForm
from products.models import User
from products.queries.people import people_page
from products.services.people import (
    AddressTaken,
    LastAdmin,
    PersonFacts,
    add_person,
    change_person,
    mark_as_left,
    welcome_back,
)
from products.views.asking import admin_only, form_page, page_asked, people_form, person_asked

LEFT = (
    "They are signed out everywhere at once.",
    "Their API tokens are revoked. Make new ones for what still needs to run.",
    "Their roles end today; what was to begin later is taken back.",
    "What they did stays, under their name.",
)
BACK = (
    "They can sign in again once they have chosen a password: you make a link for them next.",
    "Roles and API tokens are given anew.",
)


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
    words = "Roles in teams and products are given on the pages of those teams and products."
    page = people_form("New person", words, "Add")

    def save(given: dict[str, Any]) -> Saved:
        person = add_person(**given)
        words = f"{person.name} is there. Send them a link to choose a password with, and give them a role in a team."
        return Saved(words, reverse("settings_password_link", args=[person.pk]))

    return settle(request, page, NewPersonForm, save, refusals={AddressTaken: "email"})


@form_page
def edit_person(request: HttpRequest, number: int) -> HttpResponse:
    """Correct a name or address, give or take the administrator's rights."""
    now = datetime.now(UTC)
    person = person_asked(request, number)
    page = people_form(f"Change {person.name}", "Past entries show the new name, too.", "Save")

    def save(given: dict[str, Any]) -> str:
        version = given.pop("version")
        held = change_person(person=person, facts=PersonFacts(**given), now=now, version=version)
        return f"{held.name} is changed."

    def build(data: Any) -> PersonForm:
        return PersonForm.of(User.objects.get(pk=person.pk), data)

    refusals = {AddressTaken: "email", LastAdmin: "is_admin"}
    return settle(request, page, build, save, refusals=refusals)


@form_page
def left(request: HttpRequest, number: int) -> HttpResponse:
    """Mark somebody as left, after saying what that does."""
    now = datetime.now(UTC)
    person = person_asked(request, number)
    page = people_form(f"{person.name} has left", "This is what happens:", f"Mark {person.name} as left", LEFT)

    def save(given: dict[str, Any]) -> str:
        return f"{mark_as_left(person=person, now=now).name} is marked as left."

    return settle(request, page, SureForm, save, refusals={LastAdmin: None})


@form_page
def back(request: HttpRequest, number: int) -> HttpResponse:
    """Take somebody back who had left."""
    person = person_asked(request, number)
    page = people_form(f"{person.name} is back", "This is what happens:", f"Welcome {person.name} back", BACK)

    def save(given: dict[str, Any]) -> Saved:
        held = welcome_back(person=person)
        return Saved(f"{held.name} is here again.", reverse("settings_password_link", args=[held.pk]))

    return settle(request, page, SureForm, save, refusals={})
