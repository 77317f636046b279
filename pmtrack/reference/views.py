"""The reference of the API as one page: server-rendered from the document, for everybody signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from metrics.queries.reader import reader_names
from pmtrack.reference.document import PREFIX, Call, calls, shapes
from pmtrack.reference.examples import EXAMPLES, RESOURCES, Example, Resource
from pmtrack.reference.names import filled, recorded_answer, words_of
from pmtrack.reference.snippets import answer_text, curl, curl_again, python
from pmtrack.web.pagination import LARGEST_PAGE, USUAL_PAGE
from pmtrack.web.parsing import BATCH_LIMIT, DEEPEST, LONGEST_NUMBER, SINGLE_LIMIT
from products.models import User
from products.services.releases import CLOCK_SKEW
from products.services.tokens import DEFAULT_LIFE, LONGEST_LIFE

# The GET that is shown a second time, with the ETag of the first.
AGAIN = "read_kpi_series"
STATUSES = (
    (400, "The JSON, a field or a parameter is not as it should be. Unknown fields are refused, too."),
    (401, "There is no usable token: none, mistyped, revoked, expired, or its maker has left."),
    (403, "The token lacks the scope, or its reach is too small."),
    (404, "There is no such thing that this caller may see."),
    (405, "The address does not take this method."),
    (406, "There is one form of answer, JSON, whatever the header Accept says."),
    (409, "The KPI takes its readings from another source."),
    (411, "Send the header Content-Length; bodies in chunks are not read."),
    (413, "The body is too large. Send it in several batches."),
    (415, "Send JSON in UTF-8 with Content-Type: application/json, not packed."),
    (422, "Understood, but it cannot be stored; the words say why."),
    (429, "Too many requests. Wait for the seconds in Retry-After."),
    (503, "The database does not answer. Nothing was stored; wait for Retry-After and send the same again."),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One call as the page prints it."""

    call: Call
    example: Example
    curl: str
    python: str
    answer: str


@dataclass(frozen=True, slots=True)
class Group:
    """A resource with its calls."""

    resource: Resource
    shown: tuple[Shown, ...]


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Every call with text, fields, limits, errors, a request and its answer, in the reader's own names."""
    now = datetime.now(UTC)
    user: User = request.user
    names = reader_names(user, now=now)
    words = words_of(names, mail=user.email, today=now.date())
    base = request.build_absolute_uri(PREFIX)
    groups = [Group(one, tuple(_shown(name, base, words) for name in one.calls)) for one in RESOURCES]
    context = {
        "base": base,
        "groups": groups,
        "first": groups[0].shown[0],
        "again": curl_again(EXAMPLES[AGAIN], base=base, words=words),
        "problem": answer_text(filled(recorded_answer("problem"), words)),
        "names": names,
        "words": words,
        "shapes": shapes(),
        "statuses": STATUSES,
        "limits": limits(),
    }
    return render(request, "reference/api.html", context)


def _shown(operation: str, base: str, words: dict[str, str]) -> Shown:
    example = EXAMPLES[operation]
    answer = answer_text(filled(recorded_answer(operation), words))
    made = {"base": base, "words": words}
    return Shown(calls()[operation], example, curl(example, **made), python(example, **made), answer)


def limits() -> dict[str, Any]:
    """Every limit that the page names, from where it is upheld."""
    mebibyte = 1024 * 1024
    batches = {
        call.path: next(field.kind for field in call.body if field.shape)
        for call in calls().values()
        if call.path.endswith(":batch")
    }
    return {
        "single": SINGLE_LIMIT // mebibyte,
        "batch": BATCH_LIMIT // mebibyte,
        "rate": settings.API_RATE_PER_MINUTE,
        "deepest": DEEPEST,
        "longest_number": LONGEST_NUMBER,
        "page": USUAL_PAGE,
        "largest_page": LARGEST_PAGE,
        "skew": CLOCK_SKEW.seconds // 60,
        "life": DEFAULT_LIFE.days,
        "longest_life": LONGEST_LIFE.days,
        "batches": batches,
    }
