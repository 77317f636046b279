"""Whether we may contact a customer: what the account's people told one of ours, with its history."""

from datetime import datetime

from django.db import transaction

from feedback.models import Account, Consent, ConsentChange
from pmtrack.web.conflicts import Conflict
from products.models import User
from products.queries.edits import ago, version_of

CONSENT_COLUMNS = ("consent", "consent_via_id")


class ViaMissing(Exception):
    """Consent is given to somebody of ours, who carries every question to the customer."""


class ConsentMoved(Conflict):
    """Somebody noted another consent after the form was opened; the message says who and when."""


@transaction.atomic
def set_consent(
    *, account: Account, consent: str, via: User | None, by: User, now: datetime, version: str | None = None
) -> ConsentChange | None:
    """Note what the account said, learnt through ``via``; None where it is known already.

    ``version`` is the state that a form was made from. Raises ``ViaMissing`` and ``ConsentMoved``.
    """
    row = Account.objects.select_for_update().get(pk=account.pk)
    if version is not None and version != version_of(row, CONSENT_COLUMNS):
        last = ConsentChange.objects.filter(account=row).select_related("by").order_by("-at", "-pk").first()
        who, when = (last.by.name, ago(last.at, now=now)) if last else ("Somebody", "meanwhile")
        raise ConsentMoved(f"{who} noted another consent of {row.name} {when}.")
    through = via.pk if via else None
    if (row.consent, row.consent_via_id) == (consent, through):
        return None
    if consent == Consent.YES and via is None:
        raise ViaMissing(f"Name the colleague through whom we may contact {row.name}.")
    change = ConsentChange.objects.create(
        account=row, from_consent=row.consent, to_consent=consent, via=via, by=by, at=now
    )
    row.consent, row.consent_via = consent, via
    row.save(update_fields=["consent", "consent_via"])
    return change
