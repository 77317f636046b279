"""Which state of a row a form was made from, and who changed the row last: what an edit conflict is told with."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Model

from products.models import AuditEntry
from products.queries.audit_words import in_words


@dataclass(frozen=True, slots=True)
class LastEdit:
    """Who changed a row last, and when."""

    by: str
    at: datetime


def version_of(row: Model, columns: Iterable[str]) -> str:
    """A short digest of what the row says in ``columns``: equal words, equal version, whoever wrote them."""
    values = {column: str(row.serializable_value(column)) for column in sorted(columns)}
    return hashlib.sha256(json.dumps([row.pk, values], sort_keys=True).encode()).hexdigest()[:32]


def last_edit(row: Model, columns: Iterable[str]) -> LastEdit | None:
    """What the audit's newest entry about any of these columns says, or None where there is none. One statement.

    It is asked after a conflict only, so the entry is among the newest ones and found from their end.
    """
    stored_as = {field.name: field.column for field in row._meta.concrete_fields}
    named = [stored_as[column] for column in columns]
    entries = AuditEntry.objects.filter(subject=row._meta.db_table, subject_id=row.pk, details__has_any_keys=named)
    entry = entries.select_related("actor", "concerned", "token").order_by("-pk").first()
    return LastEdit(in_words(entry).who, entry.at) if entry else None


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
