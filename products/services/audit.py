"""Adds to the audit what no trigger can see: who came in, who was refused, who took figures away. Nothing changes or deletes it."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from products.models import ApiToken, AuditDeed, AuditEntry, AuditTopic, User
from products.services.tokens import digest, is_well_formed

SHORTEST_KEEPING = timedelta(days=365)
LABEL_LENGTH = 300


class TooYoung(Exception):
    """Entries of the last year stay; the message says from when on they may go."""


def record_sign_in(*, user: User, request_id: str, now: datetime) -> AuditEntry:
    """A colleague came in."""
    return _add(AuditTopic.SIGN_IN, AuditDeed.SIGNED_IN, actor=user, request_id=request_id, now=now)


def record_sign_out(*, user: User, request_id: str, now: datetime) -> AuditEntry:
    """A colleague left."""
    return _add(AuditTopic.SIGN_IN, AuditDeed.SIGNED_OUT, actor=user, request_id=request_id, now=now)


def record_failed_sign_in(*, address: str, request_id: str, now: datetime) -> AuditEntry:
    """Somebody typed ``address`` and a password that does not fit, which is not passed to us.

    Of an address that is no colleague's only a keyed hash is kept: enough to see that it is the same one again.
    """
    user = User.objects.filter(email__iexact=address.strip()).first()
    return _add(
        AuditTopic.SIGN_IN,
        AuditDeed.SIGN_IN_FAILED,
        concerned=user,
        details={} if user else {"address": _keyed_hash(address)},
        request_id=request_id,
        now=now,
    )


def record_refused_link(*, person: User, why: str, request_id: str, now: datetime) -> AuditEntry:
    """Somebody opened a link that would have let him choose ``person``'s password, and that no longer holds."""
    details = {"link": why}
    return _add(
        AuditTopic.SIGN_IN, AuditDeed.SIGN_IN_FAILED, concerned=person, details=details, request_id=request_id, now=now
    )


def record_wrong_password(*, user: User, request_id: str, now: datetime) -> AuditEntry:
    """Somebody signed in did not know his own password when he wanted to change it."""
    return _add(AuditTopic.SIGN_IN, AuditDeed.SIGN_IN_FAILED, actor=user, request_id=request_id, now=now)


def record_refusal(
    *,
    user: User | None,
    token: ApiToken | None,
    method: str,
    address: str,
    status: int,
    request_id: str,
    now: datetime,
) -> AuditEntry:
    """Somebody known asked for ``address`` (a path without its query) and was answered ``status``."""
    return _add(
        AuditTopic.REFUSAL,
        AuditDeed.REFUSED,
        actor=user,
        token=token,
        label=address,
        details={"method": method, "status": status},
        request_id=request_id,
        now=now,
    )


def record_export(
    *, user: User, token: ApiToken | None, address: str, size: int | None, request_id: str, now: datetime
) -> AuditEntry:
    """Somebody took a file away; ``size`` in bytes, None where it was streamed."""
    return _add(
        AuditTopic.EXPORT,
        AuditDeed.EXPORTED,
        actor=user,
        token=token,
        label=address,
        details={} if size is None else {"bytes": size},
        request_id=request_id,
        now=now,
    )


def record_reading(*, user: User, person: User, address: str, request_id: str, now: datetime) -> AuditEntry:
    """A lead read ``person``'s record at ``address``; the person sees that about himself."""
    return _add(
        AuditTopic.PERSON, AuditDeed.READ, actor=user, concerned=person, label=address, request_id=request_id, now=now
    )


def known_token(secret: str) -> ApiToken | None:
    """The token with this secret, whether it still holds or not. A mistyped secret never reaches the database."""
    if not is_well_formed(secret):
        return None
    return ApiToken.objects.select_related("created_by").filter(digest=digest(secret)).first()


@transaction.atomic
def purge_audit(*, before: datetime, now: datetime) -> int:
    """Delete the entries older than ``before`` and note that; returns how many. Raises ``TooYoung``.

    Only the owner of the table can: it puts the guard aside for this transaction.
    """
    if before > now - SHORTEST_KEEPING:
        raise TooYoung(
            f"Entries are kept for a year at least: purge before {now - SHORTEST_KEEPING:%Y-%m-%d} or earlier."
        )
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products_auditentry DISABLE TRIGGER products_audit_keep")
        cursor.execute("DELETE FROM products_auditentry WHERE at < %s", [before])
        purged = int(cursor.rowcount)
        cursor.execute("ALTER TABLE products_auditentry ENABLE TRIGGER products_audit_keep")
    details = {"entries": purged, "before": before.isoformat()}
    _add(AuditTopic.AUDIT, AuditDeed.PURGED, details=details, request_id="", now=now)
    return purged


def _add(
    topic: AuditTopic,
    deed: AuditDeed,
    *,
    now: datetime,
    request_id: str,
    actor: User | None = None,
    concerned: User | None = None,
    token: ApiToken | None = None,
    label: str = "",
    details: Mapping[str, object] | None = None,
) -> AuditEntry:
    return AuditEntry.objects.create(
        at=now,
        topic=topic,
        deed=deed,
        actor=actor,
        concerned=concerned,
        token=token,
        label=label[:LABEL_LENGTH],
        details=dict(details or {}),
        request_id=request_id[:64],
        process=f"pmtrack {settings.ROLE}",
    )


def _keyed_hash(address: str) -> str:
    text = address.strip().lower().encode(errors="replace")
    return hmac.new(settings.TOKEN_PEPPER.encode(), b"sign-in address " + text, hashlib.sha256).hexdigest()[:16]
