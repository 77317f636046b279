"""Pages that hold one form: shown, refused in words with what was typed kept, told of an edit conflict, or saved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render

from pmtrack.web.conflicts import Conflict

Build = Callable[[QueryDict | None], forms.Form]


@dataclass(frozen=True, slots=True)
class Saved:
    """The words of success, and where to go on instead of back."""

    words: str
    to: str = ""


Save = Callable[[dict[str, Any]], str | Saved]


@dataclass(frozen=True, slots=True)
class FormPage:
    """What stands around the form. ``back`` is where it leads when saved or left; ``crumbs`` are (word, address) pairs.

    A page that looks different names its ``template``, which gets ``page``, ``form`` and, after a conflict, both texts.
    """

    title: str
    words: str
    submit: str
    back: str
    crumbs: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    template: str = "components/form_page.html"
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two people filled differently."""

    label: str
    stored: str
    typed: str


def settle(
    request: HttpRequest,
    page: FormPage,
    build: Build,
    save: Save,
    *,
    refusals: Mapping[type[Exception], str | None],
) -> HttpResponse:
    """GET shows the form; POST saves it and goes back (303), or shows it again with the reason (422, 409).

    ``build`` makes the form from the row as it stands, with or without what was typed. ``save`` gets the cleaned data
    and gives back the words of success. ``refusals`` names the field at which an exception's words belong (None: above
    the form). After a ``Conflict`` both texts are shown, and pressing the button once more keeps one's own.
    """
    if request.method != "POST":
        return _show(request, page, build(None), 200)
    form = build(request.POST)
    if form.is_valid():
        try:
            saved = save(form.cleaned_data)
        except tuple(refusals) as refused:
            form.add_error(refusals[type(refused)], str(refused))
        except Conflict as told:
            return _conflict(request, page, build, str(told))
        else:
            words, to = (saved.words, saved.to) if isinstance(saved, Saved) else (saved, "")
            messages.success(request, words)
            return see_other(to or page.back)
    return _show(request, page, form, 422)


def see_other(address: str) -> HttpResponse:
    """303: what was asked for is done, go on with a GET."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _show(request: HttpRequest, page: FormPage, form: forms.Form, status: int, **more: Any) -> HttpResponse:
    return render(request, page.template, {"page": page, "form": form, **page.more, **more}, status=status)


def _conflict(request: HttpRequest, page: FormPage, build: Build, told: str) -> HttpResponse:
    """Both texts; the form holds one's own and the version that now stands, so that sending it again decides."""
    theirs = build(None)
    typed = request.POST.copy()
    if "version" in theirs.fields:
        typed[theirs.add_prefix("version")] = str(theirs["version"].value())
    mine = build(typed)
    mine.is_valid()
    return _show(request, page, mine, 409, conflict=told, differences=_differences(theirs, mine))


def _differences(theirs: forms.Form, mine: forms.Form) -> list[Difference]:
    pairs = [(one, mine[one.name]) for one in theirs.visible_fields()]
    shown = [Difference(one.label, _shown(one), _shown(other)) for one, other in pairs]
    return [one for one in shown if one.stored != one.typed]


def _shown(bound: forms.BoundField) -> str:
    """A field's value as a person reads it."""
    value = bound.value()
    if isinstance(bound.field, forms.BooleanField):
        return "yes" if value else "no"
    words = dict(getattr(bound.field, "choices", ()))
    return str(words.get(value, "" if value is None else value)) or "nothing"
