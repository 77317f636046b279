"""Passwords: the link with which somebody chooses one, that choice, and the change of one's own."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from pmtrack.web.errors import request_id
from pmtrack.web.form_pages import FormPage, see_other, settle
from products.forms.passwords import ChangePasswordForm, NewPasswordForm
from products.forms.people import SureForm
from products.models import User
from products.services.audit import record_refused_link, record_wrong_password
from products.services.passwords import (
    HasLeft,
    LinkUnusable,
    PasswordLink,
    WrongPassword,
    change_password,
    choose_password,
    holder_of_link,
    make_link,
)
from products.views.asking import form_page, people_form, person_asked

LINK = (
    "The link holds once, for three days. It is shown to you now and never again; a newer one ends it.",
    "Whoever opens it first chooses the password. Send it on a way that only they read.",
    "The password they have, if any, holds until they choose another.",
    "That you made a link is in the audit, and they read it under About me.",
)
GONE = 410


@form_page
def password_link(request: HttpRequest, number: int) -> HttpResponse:
    """Ask, then make a link that is shown once."""
    person = person_asked(request, number)
    page = people_form(f"A password link for {person.name}", "This is what happens:", "Make the link", LINK)
    form = SureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _link_page(request, make_link(person=person, now=datetime.now(UTC)))
        except HasLeft as refused:
            form.add_error(None, str(refused))
    return render(
        request, "components/form_page.html", {"page": page, "form": form}, status=422 if form.errors else 200
    )


@login_not_required
@never_cache
@sensitive_post_parameters()
@form_page
def choose(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """For whoever holds a link: choose a password, and be signed in."""
    now = datetime.now(UTC)
    if too_often := consume_or_429(request, action="reset_password_from_key", limit_get=True):
        return too_often
    try:
        person = holder_of_link(uid=uid, token=token, now=now)
        form = NewPasswordForm(request.POST if request.method == "POST" else None, person=person)
        if form.is_valid():
            return _chosen(request, person, uid, token, form.cleaned_data["password"], now)
    except LinkUnusable as refused:
        return _refused(request, refused, now)
    context = {"form": form, "person": person}
    return render(request, "account/choose_password.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@form_page
def change_own(request: HttpRequest) -> HttpResponse:
    """Change one's own password; sessions elsewhere end, this one goes on."""
    if request.method == "POST" and (too_often := consume_or_429(request, action="change_password", user=request.user)):
        return too_often
    words = "You stay signed in here and are signed out everywhere else. API tokens go on: revoke those you doubt."
    about = reverse("about_me")
    page = FormPage("Change my password", words, "Change", about, (("About me", about),))

    def save(given: dict[str, Any]) -> str:
        try:
            held = change_password(person=request.user, current=given["current"], new=given["password"])
        except WrongPassword:
            record_wrong_password(user=request.user, request_id=request_id(request), now=datetime.now(UTC))
            raise
        update_session_auth_hash(request, held)
        return "Your password is changed. Everywhere else you are signed out."

    def build(data: Any) -> ChangePasswordForm:
        return ChangePasswordForm(data, person=request.user)

    return settle(request, page, build, save, refusals={WrongPassword: "current"})


def _link_page(request: HttpRequest, made: PasswordLink) -> HttpResponse:
    """The only answer that ever holds the link: kept by no cache."""
    address = request.build_absolute_uri(reverse("choose_password", args=[made.uid, made.token]))
    response = render(request, "settings/password_link.html", {"link": made, "address": address})
    response.headers["Cache-Control"] = "no-store"
    return response


def _chosen(request: HttpRequest, person: User, uid: str, token: str, password: str, now: datetime) -> HttpResponse:
    stranger, request.user = request.user, person  # for the audit: who holds the link is this person
    try:
        held = choose_password(uid=uid, token=token, password=password, now=now)
    finally:
        request.user = stranger
    get_adapter(request).login(request, held)
    messages.success(request, "Your password is set, and you are signed in.")
    return see_other(reverse("home"))


def _refused(request: HttpRequest, refused: LinkUnusable, now: datetime) -> HttpResponse:
    """410, with what to do instead."""
    if refused.person is not None:
        why = str(refused).partition(". ")[0]
        record_refused_link(person=refused.person, why=why, request_id=request_id(request), now=now)
    return render(request, "account/link_gone.html", {"words": str(refused)}, status=GONE)
