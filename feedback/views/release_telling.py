"""People to tell of a release, and what they say to whether it solves it."""

from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from feedback.access import can_work_on, visible_voices
from feedback.forms.diagnoses import ToldForm
from feedback.forms.telling import SolvedForm
from feedback.models import ReleaseTelling
from feedback.queries.release_telling import loops_by_type, people_to_tell
from feedback.services.closures import NotToBeTold
from feedback.services.release_telling import NotToldYet, note_solved, tell_of_release
from pmtrack.web.form_pages import see_other
from products.models import ProductType, Release
from products.views.asking import form_page
from products.views.shipping import LARGEST, release_seen

YEAR = timedelta(days=365)


@never_cache
@form_page
def people(request: HttpRequest, number: int) -> HttpResponse:
    """Whom to tell of R-``number``; POST notes that one of them was told."""
    now = datetime.now(UTC)
    row, form, status = _asked(request, number, now), None, 200
    if request.method == "POST":
        form = ToldForm(request.POST)
        status = 422
        if form.is_valid():
            voices = visible_voices(request.user, day=now.date()).select_related("colleague", "account")
            voice = voices.filter(pk=form.cleaned_data["voice"]).first()
            try:
                if voice is None:
                    raise NotToldYet(f"There is no such voice behind {row.key}.")
                how = {"channel": form.cleaned_data["channel"], "by": request.user, "now": now}
                tell_of_release(release=row, voice=voice, **how)
            except (NotToldYet, NotToBeTold) as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(
                    request, f"{voice.colleague or voice.account} was told. Ask them whether it solves it."
                )
                return see_other(reverse("people_to_tell", args=[number]))
    loops = loops_by_type(since=now - YEAR)
    context = {
        "release": row, "people": people_to_tell(request.user, row, day=now.date()), "form": form,
        "channels": ToldForm.base_fields["channel"].choices,  # type: ignore[attr-defined]
        "answers": SolvedForm.base_fields["solved"].choices,  # type: ignore[attr-defined]
        "loops": [(ProductType(one).label, text) for one, text in loops.items()],
    }  # fmt: skip
    return render(request, "feedback/people_to_tell.html", context, status=status)


@require_POST
def solved(request: HttpRequest, number: int, telling: int) -> HttpResponse:
    """Note whether it solves what somebody spoke of."""
    now = datetime.now(UTC)
    row = _asked(request, number, now)
    told = ReleaseTelling.objects.filter(pk=telling, release=row).first() if telling <= LARGEST else None
    shown = {one.telling for one in people_to_tell(request.user, row, day=now.date()).rows}
    if told is None or told.pk not in shown:
        raise Http404("There is nobody of that kind whom you may know here.")
    form = SolvedForm(request.POST)
    if form.is_valid():
        note_solved(telling=told, **form.cleaned_data, by=request.user, now=now)
        messages.success(request, "What they say is noted.")
    else:
        messages.error(request, "Choose whether it is solved, partly, or not; in at most 1,000 characters.")
    return see_other(reverse("people_to_tell", args=[number]))


def _asked(request: HttpRequest, number: int, now: datetime) -> Release:
    """The release, where the reader works on its product's feedback. Raises 404 and 403."""
    row = release_seen(request, number)
    if not can_work_on(request.user, row.product, day=now.date()):
        raise PermissionDenied(f"Only the team of {row.product.name} and its allies tell those who spoke.")
    return row
