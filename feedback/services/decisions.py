"""Decide what becomes of a diagnosis: build, watch or decline. A later decision replaces it; both are kept."""

from datetime import datetime

from django.db import transaction

from feedback.models import Decision, DecisionChange, Diagnosis
from products.models import User
from products.queries.edits import ago
from products.services.edits import ChangedMeanwhile
from products.services.refusals import refusing

REASONED = {Decision.WATCH, Decision.DECLINE}


class ReasonMissing(Exception):
    """Watching and declining tell people why."""


class NotDiagnosed(Exception):
    """Nothing is built for a diagnosis whose first three questions are open."""


@transaction.atomic
def decide(
    *, diagnosis: Diagnosis, decision: str, reason: str, by: User, now: datetime, revision: int | None = None
) -> Diagnosis:
    """Decide, decide otherwise, or open it again (``decision`` ""). The same decision sent twice is one.

    Raises ``ReasonMissing``, ``NotDiagnosed``, and ``ChangedMeanwhile`` where ``revision`` is not the one that stands.
    """
    row = Diagnosis.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=diagnosis.pk)
    if (row.decision, row.reason) == (decision, reason):
        return row
    if revision not in (None, row.revision):
        raise ChangedMeanwhile(_told(row, now))
    if decision in REASONED and not reason.strip():
        raise ReasonMissing("Say why. Those who spoke are told the reason.")
    change = DecisionChange(
        diagnosis=row, from_decision=row.decision, to_decision=decision, reason=reason, by=by, at=now
    )
    row.decision, row.reason = decision, reason
    row.decided_by, row.decided_at = (by, now) if decision else (None, None)
    row.revision += 1
    needs = NotDiagnosed(
        f"{row.key} is a draft. Answer its first three questions and mark it diagnosed before building."
    )
    with refusing({"feedback_diagnosis_comes_before_building": needs}):
        row.save(update_fields=["decision", "reason", "decided_by", "decided_at", "revision"])
    change.save(force_insert=True)
    return row


def _told(row: Diagnosis, now: datetime) -> str:
    """What stands now, for the page that shows both decisions."""
    if row.decided_by is None or row.decided_at is None:
        return f"{row.key} was changed meanwhile; it is not decided."
    return f"{row.decided_by} decided on {row.key} {ago(row.decided_at, now=now)}."
