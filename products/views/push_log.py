"""The push log: what each token's last calls brought, and what was refused and why."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from products.queries.push_log import STATUS_CLASSES, LogChoices, call_page, log_choices

FILTERS = ("token", "status", "product", "before")


@require_safe
def push_log(request: HttpRequest) -> HttpResponse:
    """Newest first, page by page; filters ``token``, ``status`` and ``product``."""
    day = datetime.now(UTC).date()
    choices = log_choices(request.user, day=day)
    given = {name: request.GET.get(name, "") for name in FILTERS}
    _refuse_unknown(given, choices)
    page = call_page(
        request.user,
        day=day,
        token=int(given["token"]) if given["token"] else None,
        product=given["product"],
        status=given["status"],
        before=int(given["before"]) if given["before"] else None,
    )
    kept = {name: value for name, value in given.items() if value and name != "before"}
    context = {"page": page, "choices": choices, "given": given, "kept": kept, "statuses": STATUS_CLASSES}
    return render(request, "products/push_log.html", context)


def _refuse_unknown(given: dict[str, str], choices: LogChoices) -> None:
    """404 for what is not in the lists: others' tokens and no tokens look the same."""
    known = {
        "token": {one.value for one in choices.tokens},
        "product": {one.value for one in choices.products},
        "status": set(STATUS_CLASSES),
    }
    for name, values in known.items():
        if given[name] and given[name] not in values:
            raise Http404(f"There is no such {name} in your push log. Choose one from the list.")
    before = given["before"]
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404("There is no such page of the push log. Start from the newest.")
