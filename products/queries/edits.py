"""Which state of a row a form was made from, and who changed the row last: what an edit conflict is told with."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model


@dataclass(frozen=True, slots=True)
class LastEdit:
    """Who changed a row last, on which of our pages or in Django's admin, and when."""

    by: str
    at: datetime


def version_of(row: Model, columns: Iterable[str]) -> str:
    """A short digest of what the row says in ``columns``: equal words, equal version, whoever wrote them."""
    values = {column: str(row.serializable_value(column)) for column in sorted(columns)}
    return hashlib.sha256(json.dumps([row.pk, values], sort_keys=True).encode()).hexdigest()[:32]


def last_edit(row: Model) -> LastEdit | None:
    """The newest note about the row, or None where nobody left one. One statement."""
    kind = ContentType.objects.get_for_model(row)
    notes = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).select_related("user")
    note = notes.order_by("-action_time", "-pk").first()
    return LastEdit(str(note.user), note.action_time) if note else None


def ago(at: datetime, *, now: datetime) -> str:
    """How long ago something was, for a sentence: "just now", "2 minutes ago", "on 2026-06-15"."""
    minutes = (now - at) // timedelta(minutes=1)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} minute{'' if minutes == 1 else 's'} ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} hour{'' if minutes < 120 else 's'} ago"
    return f"on {at:%Y-%m-%d}"
