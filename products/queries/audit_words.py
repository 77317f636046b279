"""Says an entry of the audit in words: who, what, about whom or what, and what was what before."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db.models import Model

from products.models import AuditDeed, AuditEntry

# A table's rows as people call them; what higher floors have audited is called by its model's own name.
NOUNS = {
    "products_user": "a person",
    "products_membership": "a role in a team",
    "products_assignment": "a PM of a product",
    "products_productteam": "the team of a product",
    "products_ally": "an ally of a product",
    "products_apitoken": "an API token",
    "products_team": "a team",
    "products_product": "a product",
    "metrics_enablement": "an enablement",
    "metrics_assessment": "an assessment",
    "products_signoff": "a sign-off",
    "products_signoffrule": "a rule for sign-offs",
    "metrics_leadnote": "a note about a person",
    "metrics_reviewpack": "a review pack",
}
DEEDS = {
    AuditDeed.SIGNED_IN: "signed in",
    AuditDeed.SIGNED_OUT: "signed out",
    AuditDeed.EXPORTED: "took a file away",
    AuditDeed.READ: "read the record of",
}
REFUSALS = {
    401: "used a token that no longer holds",
    403: "asked for what is not theirs",
    404: "asked for what is not there, or not theirs",
}
# Columns of a person that a link writes, and what changed when no others did.
PASSWORD, LINK = "password", "link_made_at"
COMMAND_LINE = {"pmtrack manage", "pmtrack migrate"}
DAYS = re.compile(r"[\[(](\d{4}-\d\d-\d\d)?,(\d{4}-\d\d-\d\d)?[\])]")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as people read it; ``at`` is in UTC, ``details`` are short lines."""

    id: int
    at: datetime
    who: str
    what: str
    about: str
    details: tuple[str, ...]
    request_id: str


def in_words(entry: AuditEntry) -> AuditRow:
    """The entry in words; its actor, concerned person and token must have been fetched with it."""
    about = [_name(entry.concerned, entry.concerned_id)] if entry.concerned_id else []
    if entry.label:
        about.append(entry.label)
    details = tuple(_details(entry))
    return AuditRow(entry.pk, entry.at, _who(entry), _what(entry), " · ".join(about), details, entry.request_id)


def span_in_words(period: str) -> str:
    """A span of days as PostgreSQL writes it, in words: "since 2026-01-05", "from 2026-01-05 to 2026-03-01"."""
    found = DAYS.fullmatch(period)
    if found is None:
        return period
    start, end = found.groups()
    return f"since {start}" if end is None else f"from {start} to {end}"


def _who(entry: AuditEntry) -> str:
    if entry.actor_id:
        name = _name(entry.actor, entry.actor_id)
        return f"{name}, by the token “{entry.token.name}”" if entry.token_id and entry.token else name
    if entry.deed == AuditDeed.SIGN_IN_FAILED:
        return "Somebody"
    if entry.process in COMMAND_LINE:
        return "The command line"
    return "pmtrack itself" if entry.process.startswith("pmtrack") else entry.process or "The database"


def _name(person: Model | None, key: int | None) -> str:
    return str(person) if person is not None else f"person {key}, who is gone"


def _what(entry: AuditEntry) -> str:
    match entry.deed:
        case AuditDeed.SIGN_IN_FAILED:
            return _failure(entry)
        case AuditDeed.REFUSED:
            return REFUSALS.get(entry.details.get("status", 0), "was refused")
        case AuditDeed.PURGED:
            return f"purged {entry.details.get('entries')} entries of this audit"
        case AuditDeed.CHANGED if entry.subject == "products_user" and set(entry.details) <= {PASSWORD, LINK}:
            return "set a new password" if PASSWORD in entry.details else "made a link to choose a password with"
        case AuditDeed.ADDED | AuditDeed.CHANGED | AuditDeed.REMOVED:
            return f"{entry.deed} {_noun(entry.subject)}"
    return DEEDS[AuditDeed(entry.deed)]


def _failure(entry: AuditEntry) -> str:
    if "link" in entry.details:
        return "opened a link to choose a password with, in vain"
    if entry.actor_id:
        return "could not change the own password: the present one was wrong"
    return "could not sign in" + ("" if entry.concerned_id else " with an address that is nobody’s")


def _noun(subject: str) -> str:
    if subject in NOUNS:
        return NOUNS[subject]
    model = next((one for one in apps.get_models() if one._meta.db_table == subject), None)
    return f"a {str(model._meta.verbose_name).replace('kpi', 'KPI')}" if model else subject


def _details(entry: AuditEntry) -> Iterator[str]:
    held = entry.details
    match entry.deed:
        case AuditDeed.REFUSED:
            yield f"{held.get('method')}, answered {held.get('status')}"
        case AuditDeed.EXPORTED if "bytes" in held:
            yield f"{held['bytes']} bytes"
        case AuditDeed.PURGED:
            yield f"those before {str(held.get('before'))[:10]}"
        case AuditDeed.SIGN_IN_FAILED if "link" in held:
            yield str(held["link"])
        case AuditDeed.SIGN_IN_FAILED if "address" in held:
            yield f"the address is not kept; its fingerprint is {held['address']}"
        case AuditDeed.ADDED | AuditDeed.CHANGED | AuditDeed.REMOVED:
            yield from _differences(entry)


def _differences(entry: AuditEntry) -> Iterator[str]:
    """One line for each column that differs; keys of rows say nothing to people, and names stand beside."""
    for column, pair in sorted(entry.details.items()):
        if column in {"id", LINK} or (column.endswith("_id") and entry.deed != AuditDeed.CHANGED):
            continue
        title = column.removesuffix("_id").replace("_", " ")
        if not isinstance(pair, list):
            yield f"{title} changed"
        elif entry.deed == AuditDeed.CHANGED:
            yield f"{title}: {_value(pair[0])} → {_value(pair[1])}"
        else:
            yield f"{title}: {_value(pair[0] if entry.deed == AuditDeed.REMOVED else pair[1])}"


def _value(value: object) -> str:
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(one) for one in value)
        case str():
            return span_in_words(value)
    return str(value)
