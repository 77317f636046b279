"""Log one thing that was heard: a dialog on every page, and a page of its own that works without script."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from feedback.access import visible_feedback
from feedback.forms.capture import CaptureForm, Draft, heard_at, new_draft, read_draft
from feedback.models import Account
from feedback.queries.entries import product_choices
from feedback.queries.notices import noticed
from feedback.queries.sources import Source, Sources, source_of, sources
from feedback.queries.speaking import go_betweens, likely_product
from feedback.services.adding import Added, log_among_similar
from feedback.services.consent import ViaMissing, set_consent
from feedback.services.feedback import FeedbackConflict, NewFeedback, NewVoice
from feedback.services.merges import CannotMerge
from products.access import visible_products
from products.models import Product, User

SOURCE = "pmtrack"
PART = "X-Part"


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
def new_feedback(request: HttpRequest) -> HttpResponse:
    """Show the form, or log what it holds. With the header X-Part only the form comes, and success as JSON."""
    now = datetime.now(UTC)
    if request.method == "POST":
        form = capture_form(request, now, request.POST)
        return _log(request, form, now) if form.is_valid() else _page(request, form, now, status=422)
    asked = request.GET.get("product", "")
    return _page(request, capture_form(request, now, asked=asked, initial={"draft": new_draft(now=now)}), now)


def capture_form(
    request: HttpRequest, now: datetime, data: Any = None, *, asked: str = "", initial: dict[str, Any] | None = None
) -> CaptureForm:
    """The form for a reader; ``asked`` is the product that is chosen beforehand, if there is such a one."""
    choices, day = product_choices(request.user), now.date()
    known = any(one.slug == asked for one in choices)
    if data is None:
        own = asked if known else likely_product(request.user, day=day)
        initial = {"product": own, **(initial or {})}
    return CaptureForm(data, initial=initial, products=choices, today=day, **speaker_fields(request, data, day=day))


def speaker_fields(request: HttpRequest, data: Any, *, day: date) -> dict[str, Any]:
    """What a ``SpeakerForm`` offers to a reader: through whom customers speak, and how names are looked up."""
    given = (data or {}).get("via", "")
    also = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    return {"vias": go_betweens(request.user, day=day, also=also), "find_sources": partial(_find, request)}


def _find(request: HttpRequest, value: str, typed: str) -> tuple[Source | None, Sources]:
    """The source that was chosen, else those whom the typed name fits."""
    day = datetime.now(UTC).date()
    chosen = source_of(request.user, value, day=day) if value else None
    return chosen, Sources((), ()) if chosen or not typed else sources(request.user, typed, day=day)


def _log(request: HttpRequest, form: CaptureForm, now: datetime) -> HttpResponse:
    """One domain call; a form sent twice is one entry."""
    draft = read_draft(form.cleaned_data["draft"], now=now)
    if draft is None:
        form.add_error(None, "This page was open for too long. Nothing is lost: press “Log it” once more.")
        return _page(request, form, now, status=422)
    try:
        with transaction.atomic():
            added = log_among_similar(
                entry=_entry(request, form, draft),
                add_to=_named(request, [form.cleaned_data["add_to"] or 0]).first(),
                not_these=list(_named(request, form.cleaned_data["not_these"])),
                now=now,
            )
            _note_consent(request, form, now)
    except FeedbackConflict:
        form.add_error(None, "This form was sent before with other words. Press “Log it” to log these as a new entry.")
    except (CannotMerge, ViaMissing) as problem:
        form.add_error(None, str(problem))
    except CaptureRefused as problem:
        form.add_error(problem.field, str(problem))
    else:
        return _done(request, added)
    return _page(request, form, now, status=422)


class CaptureRefused(Exception):
    """What was typed does not fit together; the field at which it is said."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


def _named(request: HttpRequest, keys: list[int]) -> Any:
    return visible_feedback(request.user).filter(pk__in=keys)


def _entry(request: HttpRequest, form: CaptureForm, draft: Draft) -> NewFeedback:
    given = form.cleaned_data
    slug = given["product"]
    product = visible_products(request.user).filter(slug=slug).first() if slug else None
    heard = heard_at(given["on"], draft, product.time_zone if product else "UTC")
    voice = _voice(given.get("speaker"), given["via"], product)
    user: Any = request.user
    return NewFeedback(given["text"], product, given["channel"], user, heard, SOURCE, draft.id, voice)


def _voice(speaker: Source | None, via: str, product: Product | None) -> NewVoice | None:
    """Whose voice it is. Raises ``CaptureRefused``: customers speak about external products."""
    if speaker is None:
        return None
    number = int(speaker.value[2:])
    if speaker.value.startswith("c"):
        return NewVoice(colleague=User.objects.get(pk=number))
    if product is None:
        raise CaptureRefused("product", f"Choose the product that {speaker.name} spoke about.")
    if product.type != Product.Type.EXTERNAL:
        raise CaptureRefused("product", f"{product.name} is internal: its voices are colleagues, not customers.")
    return NewVoice(account=Account.objects.get(pk=number), via=User.objects.get(pk=int(via)))


def _note_consent(request: HttpRequest, form: CaptureForm, now: datetime) -> None:
    given, speaker = form.cleaned_data, form.cleaned_data.get("speaker")
    if given["consent"] and speaker and speaker.value.startswith("a"):
        via = User.objects.get(pk=int(given["via"])) if given["consent"] == "yes" else None
        account, by = Account.objects.get(pk=int(speaker.value[2:])), request.user
        set_consent(account=account, consent=given["consent"], via=via, by=by, now=now)  # type: ignore[arg-type]


def _done(request: HttpRequest, added: Added) -> HttpResponse:
    """What was stored, with the way back; as a message on the list, or as JSON for the dialog."""
    entry = added.logged.feedback
    told = f"Logged {entry.key}" if added.root is None else f"Logged {entry.key} and added it to {added.root.key}"
    if added.logged.replayed:
        told = f"{entry.key} was logged before; nothing is stored twice"
    undo = reverse("withdraw_feedback", args=[entry.pk])
    if request.headers.get(PART):
        body = {
            "key": entry.key,
            "words": f"{told}.",
            "undo": undo,
            "address": reverse("feedback_item", args=[entry.pk]),
        }
        return JsonResponse(body, status=200 if added.logged.replayed else 201)
    words = format_html('{}. <a href="{}">Undo</a>', told, undo)
    if noticed(entry, request.user):
        edit = reverse("edit_feedback", args=[entry.pk])
        words = format_html(
            '{} It looks as if it holds personal data: <a href="{}?clean=1">remove it</a>.', words, edit
        )
    messages.success(request, words, extra_tags="logged")
    response = redirect("feedback")
    response.status_code = 303
    return response


def _page(request: HttpRequest, form: CaptureForm, now: datetime, *, status: int = 200) -> HttpResponse:
    """The form; after an error with the draft kept, and with a fresh identity where the old one cannot be used."""
    draft = form["draft"].value() or ""
    fresh = bool(form.non_field_errors()) or read_draft(draft, now=now) is None
    context = {"form": form, "draft": new_draft(now=now) if fresh else draft, "today": now.date()}
    template = "feedback/_form.html" if request.headers.get(PART) else "feedback/capture.html"
    return render(request, template, context, status=status)
