"""What waits for the reader's answer, on the pages that he starts from, whichever floor they belong to."""

from datetime import UTC, datetime
from typing import Any

from django import template

from metrics.queries.enablement_page import questions_for

register = template.Library()


@register.inclusion_tag("metrics/enablements/_asked.html", takes_context=True)
def waiting_enablements(context: template.Context) -> dict[str, Any]:
    """The questions about enablements that wait for the reader; nothing where nothing waits. One statement."""
    return {"questions": questions_for(context["request"].user, now=datetime.now(UTC))}
