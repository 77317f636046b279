"""Two people, one row: the second to save is told, and nothing of either is lost."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Model

from pmtrack.web.conflicts import Conflict
from products.queries.edits import ago, last_edit, version_of


class ChangedMeanwhile(Conflict):
    """Somebody saved the row after the form was opened; the message says who and when. Nothing was stored."""


def refuse_if_changed(*, row: Model, columns: Iterable[str], version: str | None, now: datetime) -> None:
    """Raise ``ChangedMeanwhile`` where ``row``, which the caller has locked, no longer says what ``version`` stands for.

    Without a version (a command, a client) nothing is refused.
    """
    columns = tuple(columns)
    if version is None or version == version_of(row, columns):
        return
    edit = last_edit(row, columns)
    who, when = (edit.by, ago(edit.at, now=now)) if edit else ("Somebody", "meanwhile")
    raise ChangedMeanwhile(f"{who} changed {row} {when}.")
