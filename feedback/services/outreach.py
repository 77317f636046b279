"""Ask people: a colleague directly, a customer through one of ours and only with consent. Asked, booked, held."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from feedback.models import Account, Consent, Diagnosis, Feedback, Outreach
from feedback.queries.outreach import COLUMNS
from feedback.services.consent import set_consent
from products.models import Product, User
from products.queries.edits import ago, version_of
from products.services.edits import ChangedMeanwhile
from products.services.refusals import refusing


class ConsentRefused(Exception):
    """The customer does not want to be asked."""


class ConsentMissing(Exception):
    """The customer was not asked yet whether we may contact him."""


class NobodyBetween(Exception):
    """A customer is only asked through a colleague."""


class AskingOneself(Exception):
    """A question to oneself needs no outreach."""


class CalledOff(Exception):
    """The question was called off."""


class AlreadyHeld(Exception):
    """The talk was held."""


class OutcomeMissing(Exception):
    """A talk that nobody remembers tells nothing."""


class BadTime(Exception):
    """A talk is held after it is asked for and not in the future; one is booked for later than it is asked for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: a product, and the entry or the diagnosis that raised the question."""

    product: Product
    feedback: Feedback | None = None
    diagnosis: Diagnosis | None = None


@transaction.atomic
def ask_colleague(*, subject: Subject, colleague: User, purpose: str, by: User, now: datetime) -> Outreach:
    """Ask somebody here; the same question that still waits is not asked twice. Raises ``AskingOneself``."""
    if colleague.pk == by.pk:
        raise AskingOneself("That is you. Name the colleague to ask.")
    waiting = _waiting(subject, purpose).filter(colleague=colleague).first()
    return waiting or Outreach.objects.create(
        **_about(subject), colleague=colleague, purpose=purpose, asked_by=by, asked_at=now
    )


@transaction.atomic
def ask_account(
    *, subject: Subject, account: Account, via: User | None, purpose: str, by: User, now: datetime
) -> Outreach:
    """Ask a customer through ``via`` (his manager unless told). Raises ``NobodyBetween`` and ``ConsentRefused``.

    Where the customer was not asked for consent yet, the colleague asks for that first (``learn_consent``).
    """
    through = via or account.consent_via or account.manager
    if through is None:
        raise NobodyBetween(f"Nobody manages {account.name}. Name the colleague through whom we ask.")
    waiting = _waiting(subject, purpose).filter(account=account, via=through).first()
    refused = ConsentRefused(f"{account.name} does not want to be asked, so nobody asks them.")
    with refusing({"feedback_outreach_respects_consent": refused}):
        return waiting or Outreach.objects.create(
            **_about(subject), account=account, via=through, purpose=purpose, asked_by=by, asked_at=now
        )


@transaction.atomic
def book(*, outreach: Outreach, at: datetime, now: datetime, version: str | None = None) -> Outreach:
    """Agree on when to talk. Raises ``BadTime``, ``ConsentMissing``, ``CalledOff``, ``AlreadyHeld``, ``ChangedMeanwhile``."""
    row = _open(outreach, now, version)
    if row.held_at is not None:
        raise AlreadyHeld("The talk was held already.")
    _refuse_without_consent(row)
    if at < now:
        raise BadTime("Choose a time that lies ahead. A talk that was held is noted with what was said.")
    row.booked_for = at
    return _kept(row)


@transaction.atomic
def hold(
    *, outreach: Outreach, outcome: str, at: datetime | None, by: User, now: datetime, version: str | None = None
) -> Outreach:
    """Note what was said, held at ``at`` (now unless told); it may be mended later, and then keeps its time unless told.

    Raises ``OutcomeMissing``, ``BadTime``, ``ConsentMissing``, ``CalledOff``, ``ChangedMeanwhile``.
    """
    row = _open(outreach, now, version)
    if not outcome.strip():
        raise OutcomeMissing("Write what was said; a few words are enough.")
    _refuse_without_consent(row)
    held = at or row.held_at or now
    if not row.asked_at <= held <= now:
        raise BadTime("It was held after it was asked for, and not in the future. Check the day and the time.")
    if (row.held_at, row.outcome) != (held, outcome):
        row.held_at, row.outcome, row.noted_by = held, outcome, by
    return _kept(row)


@transaction.atomic
def call_off(*, outreach: Outreach, now: datetime) -> Outreach:
    """End a question that needs no answer any more; twice is once. Raises ``AlreadyHeld``."""
    row = Outreach.objects.select_for_update().get(pk=outreach.pk)
    if row.held_at is not None:
        raise AlreadyHeld("The talk was held already, so it cannot be called off.")
    if row.called_off_at is None:
        row.called_off_at = now
        _kept(row)
    return row


@transaction.atomic
def learn_consent(*, outreach: Outreach, consent: str, by: User, now: datetime) -> Outreach:
    """Note whether the customer wants to talk, learnt through the colleague in between; a "no" calls the question off.

    Raises ``CalledOff``.
    """
    row = _open(outreach, now, None)
    if row.account is None:
        return row
    set_consent(account=row.account, consent=consent, via=row.via if consent == Consent.YES else None, by=by, now=now)
    return call_off(outreach=row, now=now) if consent == Consent.NO and row.held_at is None else row


def _about(subject: Subject) -> dict[str, Product | Feedback | Diagnosis | None]:
    return {"product": subject.product, "feedback": subject.feedback, "diagnosis": subject.diagnosis}


def _waiting(subject: Subject, purpose: str) -> QuerySet[Outreach]:
    """The same question about the same subject that is neither held nor called off."""
    asked = Outreach.objects.filter(**_about(subject), purpose=purpose)
    return asked.filter(held_at__isnull=True, called_off_at__isnull=True)


def _open(outreach: Outreach, now: datetime, version: str | None) -> Outreach:
    """The row, locked. Raises ``CalledOff`` and ``ChangedMeanwhile``."""
    rows = Outreach.objects.select_for_update(of=("self",)).select_related("account", "via")
    row: Outreach = rows.get(pk=outreach.pk)
    if row.called_off_at is not None:
        raise CalledOff(
            f"The question was called off {ago(row.called_off_at, now=now)}. Ask again if it matters still."
        )
    if version is not None and version != version_of(row, COLUMNS):
        what = "What was said was noted" if row.held_at else "The time of the talk was changed"
        raise ChangedMeanwhile(f"{what} meanwhile by somebody else.")
    return row


def _kept(row: Outreach) -> Outreach:
    row.save(update_fields=[*COLUMNS, "noted_by"])
    return row


def _refuse_without_consent(row: Outreach) -> None:
    if row.account is not None and row.account.consent == Consent.NOT_ASKED:
        raise ConsentMissing(f"Ask {row.account.name} first whether they want to talk, and note what they said.")
    if row.account is not None and row.account.consent == Consent.NO:
        raise ConsentMissing(f"{row.account.name} does not want to be contacted. Call the question off.")
