"""Design questions: asked by those who write the feature, answered by the one asked or written down for him."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from feedback.forms.features import AnswerForm, QuestionForm
from feedback.views.features_asked import LARGEST, feature_asked, feature_form_page, feature_to_write, may_write
from pmtrack.web.form_pages import settle
from products.models import DesignQuestion
from products.services.features import AlreadyAnswered, answer_design_question, ask_design_question

form_page = require_http_methods(["GET", "HEAD", "POST"])
ASK_WORDS = {
    "I": "Ask a colleague one small thing. How long the answer takes is shown by type of product.",
    "E": "Customers are asked through a colleague, mostly their account manager. How long the answer takes is shown.",
}


@form_page
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a colleague something small about the feature."""
    now = datetime.now(UTC)
    feature = feature_to_write(request, number, now=now)

    def save(typed: dict[str, Any]) -> str:
        asked = typed["asked"]
        ask_design_question(
            feature=feature,
            question=typed["question"],
            asked=asked,
            asked_by=request.user,
            now=now,
        )
        return f"{asked.name} is asked. The question stands on the page of {feature.key} until it is answered."

    page = feature_form_page(feature, f"Ask about {feature.key}", ASK_WORDS[feature.product.type], "Ask it")
    return settle(request, page, QuestionForm, save, refusals={})


@form_page
def answer(request: HttpRequest, number: int, question: int) -> HttpResponse:
    """Write an answer down: the one asked, or whoever writes the feature."""
    now = datetime.now(UTC)
    feature = feature_asked(request, number)
    rows = DesignQuestion.objects.filter(feature=feature).select_related("asked")
    row = rows.filter(pk=question).first() if question <= LARGEST else None
    if row is None:
        raise Http404(f"There is no such question about {feature.key}.")
    if row.asked_id != request.user.pk and not may_write(request, feature, now=now):
        raise PermissionDenied(f"Only {row.asked.name} and those who write {feature.key} may answer this.")

    def save(typed: dict[str, Any]) -> str:
        answer_design_question(question=row, answer=typed["answer"], now=now)
        return f"The answer stands on the page of {feature.key}."

    page = feature_form_page(feature, f"Answer for {feature.key}", row.question, "Write it down")
    return settle(request, page, AnswerForm, save, refusals={AlreadyAnswered: "answer"})
