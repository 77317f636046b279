"""Two people, one row: the second to save is told, and nothing of either is lost."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from products.models import User
from products.queries.edits import ago, last_edit, version_of


class ChangedMeanwhile(Exception):
    """Somebody saved the row after the form was opened; the message says who and when. Nothing was stored."""


def refuse_if_changed(*, row: Model, columns: Iterable[str], version: str | None, now: datetime) -> None:
    """Raise ``ChangedMeanwhile`` where ``row``, which the caller has locked, no longer says what ``version`` stands for.

    Without a version (a command, a client) nothing is refused.
    """
    if version is None or version == version_of(row, columns):
        return
    edit = last_edit(row)
    who, when = (edit.by, ago(edit.at, now=now)) if edit else ("Somebody", "meanwhile")
    raise ChangedMeanwhile(f"{who} changed {row} {when}.")


def note_edit(*, row: Model, by: User | None, words: str, now: datetime) -> None:
    """Note who changed ``row``, in the history that Django's admin shows, too. Without a person nothing is noted."""
    if by is None:
        return
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=CHANGE,
        action_time=now,
        change_message=words,
    )
