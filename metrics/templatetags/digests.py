"""The weekly letter's switch, on the page about oneself, which belongs to a lower floor."""

from datetime import UTC, datetime
from typing import Any

from django import template

from metrics.models import DigestWish
from metrics.queries.lead_queue import is_lead

register = template.Library()


@register.inclusion_tag("metrics/queue/_letter.html", takes_context=True)
def weekly_letter(context: template.Context) -> dict[str, Any]:
    """Whether the reader leads a team and gets the letter; nothing for others. At most two statements."""
    user = context["request"].user
    leads = is_lead(user, day=datetime.now(UTC).date())
    wished = leads and DigestWish.objects.filter(person=user).exists()
    return {"leads": leads, "wished": wished, "csrf_token": context.get("csrf_token")}
