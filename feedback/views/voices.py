"""Who said an entry: one more is named, or one who was named by mistake is taken off."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from feedback.access import visible_voices
from feedback.forms.speaking import VoiceForm
from feedback.models import Account, Feedback
from feedback.queries.speakers import speakers
from feedback.services.feedback import NewVoice
from feedback.services.voices import CannotAddVoice, CannotRemoveVoice, add_voice, remove_voice
from feedback.views.capture import speaker_fields
from feedback.views.subjects import LARGEST, entry_asked
from pmtrack.web.form_pages import FormPage, Saved, see_other, settle
from products.models import User
from products.views.asking import form_page


@form_page
def voices(request: HttpRequest, number: int) -> HttpResponse:
    """Those who said FB-``number`` itself, and a form for one more."""
    day = datetime.now(UTC).date()
    entry = entry_asked(request, number, day=day)
    back = reverse("feedback_item", args=[entry.pk])
    crumbs = (("Feedback", reverse("feedback")), (entry.key, back))
    more = {"entry": entry, "who": speakers(request.user, Feedback.objects.filter(pk=entry.pk), day=day)}
    page = FormPage(
        f"Who said {entry.key}", "Each person and each customer counts once.", "Add this voice", back, crumbs,
        template="feedback/voices.html", more=more,
    )  # fmt: skip

    def build(data: Any) -> VoiceForm:
        return VoiceForm(data, **speaker_fields(request, data, day=day))

    def save(given: dict[str, Any]) -> Saved:
        added = add_voice(entry=entry, voice=_voice(given))
        return Saved(f"{added.account or added.colleague} is a voice of {entry.key} now.")

    return settle(request, page, build, save, refusals={CannotAddVoice: "said_by"})


@require_POST
def remove(request: HttpRequest, number: int, voice: int) -> HttpResponse:
    """Take a voice off FB-``number``; one that is gone already changes nothing."""
    day = datetime.now(UTC).date()
    entry = entry_asked(request, number, day=day)
    mine = visible_voices(request.user, day=day).filter(feedback=entry, pk=min(voice, LARGEST))
    row = mine.select_related("account", "colleague").first()
    if row is None:
        messages.info(request, f"That is no voice of {entry.key} any more.")
    else:
        try:
            remove_voice(voice=row)
        except CannotRemoveVoice as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, f"{row.account or row.colleague} is no voice of {entry.key} any more.")
    return see_other(reverse("feedback_voices", args=[entry.pk]))


def _voice(given: dict[str, Any]) -> NewVoice:
    """The voice that the form names."""
    kind, _, named = given["speaker"].value.partition("-")
    weight = {"people_affected": given["people"], "hours_lost_monthly": given["hours"]}
    if kind == "c":
        return NewVoice(colleague=User.objects.get(pk=int(named)), **weight)
    via = User.objects.filter(pk=int(given["via"] or 0)).first()
    return NewVoice(account=Account.objects.get(pk=int(named)), via=via, **weight)
