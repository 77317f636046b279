"""Sign-offs of releases for customers: asked by rule or by hand, decided by whoever was asked, waived by a lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import connection, transaction

from products.access import leads_product
from products.models import CLEARED, AllyFunction, ProductType, Release, SignOff, SignOffDecision, SignOffLetter, User
from products.services.edits import ChangedMeanwhile
from products.services.refusals import refusing

# A release that went live longer ago than this is history: nobody is asked about it any more.
ASKED_AFTERWARDS = timedelta(days=1)
# Of a product's own rule and the general one the own stands; the ally is the one longest in the function who may sign.
ASK_BY_RULE = """
WITH wanted AS (
    SELECT DISTINCT ON (release.id, rule.function) release.id AS release_id, rule.function, rule.due_days,
        product.id AS product_id, (%(now)s AT TIME ZONE product.time_zone)::date AS today
    FROM products_release AS release JOIN products_product AS product ON product.id = release.product_id
    JOIN products_signoffrule AS rule ON rule.ended_at IS NULL AND (rule.product_id = product.id OR rule.product_id IS NULL)
    WHERE release.id = ANY(%(releases)s) AND product.type = 'E'
    ORDER BY release.id, rule.function, rule.product_id NULLS LAST
), asked AS (
    INSERT INTO products_signoff (release_id, function, approver_id, requested_by_id, requested_at, due_on, decision, words,
        evidence_url, revision)
    SELECT wanted.release_id, wanted.function, ally.user_id, %(by)s, %(now)s, wanted.today + wanted.due_days, '', '', '', 1
    FROM wanted LEFT JOIN LATERAL (
        SELECT ally.user_id FROM products_ally AS ally JOIN products_user AS person ON person.id = ally.user_id
        WHERE ally.product_id = wanted.product_id AND ally.function = wanted.function AND ally.period @> wanted.today
            AND person.is_active AND person.id IS DISTINCT FROM %(by)s AND NOT EXISTS (
                SELECT FROM products_assignment AS duty WHERE duty.product_id = wanted.product_id
                    AND duty.user_id = ally.user_id AND duty.period @> wanted.today
            )
        ORDER BY lower(ally.period), ally.id LIMIT 1
    ) AS ally ON true
    WHERE wanted.due_days IS NOT NULL AND NOT EXISTS (
        SELECT FROM products_signoff AS held WHERE held.release_id = wanted.release_id AND held.function = wanted.function
    )
    ORDER BY wanted.release_id, wanted.function ON CONFLICT DO NOTHING
    RETURNING id, approver_id
)
INSERT INTO products_signoffletter (sign_off_id, to_id, queued_at, due_at, tries, trouble, message_id)
SELECT id, approver_id, %(now)s, %(now)s, 0, '', '' FROM asked WHERE approver_id IS NOT NULL
"""


class SignOffRefused(Exception):
    """Nothing was stored; the message says why. ``field`` is what it is about ("" for the whole)."""

    field = ""


class BadApprover(SignOffRefused):
    """Whoever requests a sign-off, and whoever answers for the product, does not give it."""

    field = "approver"


class NotTheirs(SignOffRefused):
    """Only whoever was asked decides, and only a lead of the product waives."""


class DecidedAlready(SignOffRefused):
    """A decision stays; one asks again."""


class SayWhy(SignOffRefused):
    """Conditions, a rejection and a waiver are told."""

    field = "words"


class BadEvidence(SignOffRefused):
    """The evidence is a web address."""

    field = "evidence_url"


class NotForColleagues(SignOffRefused):
    """Releases of internal products need no sign-off."""


class DueTooEarly(SignOffRefused):
    """Nobody decides yesterday."""

    field = "due_on"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decides: approved, conditions or rejected; ``words`` where one of the latter two."""

    decision: SignOffDecision
    words: str = ""
    evidence_url: str = ""


def ask_by_rule(releases: Sequence[Release], *, now: datetime, by: User | None = None) -> None:
    """Ask for what the rules want of releases on their way to customers; what was asked already is not asked again.

    One statement. A function without an ally is asked for without an approver, and stays visible until somebody is named.
    """
    due = [row.pk for row in releases if _is_on_its_way(row, now)]
    if due:
        with connection.cursor() as cursor:
            cursor.execute(ASK_BY_RULE, {"now": now, "releases": due, "by": by.pk if by else None})


def _is_on_its_way(release: Release, now: datetime) -> bool:
    product = release.product
    if product.type != ProductType.EXTERNAL or release.environment != product.production_environment:
        return False
    at = release.live_at or release.rolled_back_at or release.planned_for
    return release.rolled_back_at is None and (at is None or at >= now - ASKED_AFTERWARDS)


@transaction.atomic
def request_sign_off(
    *, release: Release, function: str, approver: User, due_on: date, by: User, now: datetime
) -> SignOff:
    """Ask ``approver``; an open request of the function passes to them. Raises ``SignOffRefused`` in words."""
    held = Release.objects.select_for_update(of=("self",)).select_related("product").get(pk=release.pk)
    _refuse_request(held, approver, due_on, by, now)
    row = SignOff.objects.select_for_update().filter(release=held, function=function, decision="").first()
    asked = {"approver": approver, "requested_by": by, "due_on": due_on}
    with refusing(_guards(approver)):
        if row is None:
            row = SignOff.objects.create(release=held, function=function, requested_at=now, **asked)
        else:
            row.approver, row.requested_by, row.due_on = approver, by, due_on
            row.revision += 1
            row.save(update_fields=["approver", "requested_by", "due_on", "revision"])
    SignOffLetter.objects.create(sign_off=row, to=approver, queued_at=now, due_at=now)
    return row


@transaction.atomic
def decide_sign_off(
    *, sign_off: SignOff, verdict: Verdict, by: User, now: datetime, revision: int | None = None
) -> SignOff:
    """Decide as the one who was asked, once. Raises ``SignOffRefused`` in words, and ``ChangedMeanwhile``."""
    row = _open(sign_off)
    if row.approver_id != by.pk:
        raise NotTheirs(f"{row.approver} is asked for this, and nobody else decides it." if row.approver else UNNAMED)
    if revision not in (None, row.revision):
        raise ChangedMeanwhile("What is asked was changed since you opened it. Look again.")
    if verdict.decision not in (SignOffDecision.APPROVED, SignOffDecision.CONDITIONS, SignOffDecision.REJECTED):
        raise SignOffRefused("Approve it, approve it with conditions, or reject it.")
    return _decided(row, verdict, by, now)


@transaction.atomic
def waive_sign_off(*, sign_off: SignOff, reason: str, by: User, now: datetime) -> SignOff:
    """Do without a sign-off, as a lead of the product and with a reason that stays visible. Raises ``SignOffRefused``."""
    row = _open(sign_off)
    if not leads_product(by, row.release.product, day=now.date()):
        raise NotTheirs(f"Only a lead of the team that owns {row.release.product.name} may waive this.")
    return _decided(row, Verdict(SignOffDecision.WAIVED, reason), by, now)


def open_sign_offs(release: Release) -> list[SignOff]:
    """The newest sign-off of each function that keeps the release from going live: open, or rejected. One statement."""
    newest = SignOff.objects.filter(release=release).order_by("function", "-pk").distinct("function")
    return [row for row in newest.select_related("approver") if row.decision not in CLEARED]


UNNAMED = "Nobody is named for this yet. A PM of the product asks somebody first."


def _open(sign_off: SignOff) -> SignOff:
    rows = SignOff.objects.select_for_update(of=("self",)).select_related("release__product", "approver", "decided_by")
    row = rows.get(pk=sign_off.pk)
    if row.decision:
        who = row.decided_by.name if row.decided_by else "Somebody"
        raise DecidedAlready(
            f"{who} decided this already: {row.get_decision_display().lower()}. It can be asked again."
        )
    return row


def _decided(row: SignOff, verdict: Verdict, by: User, now: datetime) -> SignOff:
    words = verdict.words.strip()
    if not words and verdict.decision != SignOffDecision.APPROVED:
        raise SayWhy(MISSING[verdict.decision])
    row.evidence_url = _checked_address(verdict.evidence_url.strip())
    row.decision, row.words, row.decided_by = verdict.decision, words, by
    row.decided_at, row.revision = max(now, row.requested_at), row.revision + 1
    with refusing(_guards(by)):
        row.save(update_fields=["decision", "words", "evidence_url", "decided_by", "decided_at", "revision"])
    return row


MISSING = {
    SignOffDecision.CONDITIONS: "Write the conditions: without them it is simply approved.",
    SignOffDecision.REJECTED: "Say what stands against it, so that it can be mended.",
    SignOffDecision.WAIVED: "Say why it goes without this sign-off. The reason stays on the release.",
}


def _refuse_request(release: Release, approver: User, due_on: date, by: User, now: datetime) -> None:
    if release.product.type != ProductType.EXTERNAL:
        raise NotForColleagues(f"{release.product.name} is for colleagues: its releases are announced, not signed off.")
    if approver.pk == by.pk:
        raise BadApprover("Nobody signs off what they ask for themselves. Name a colleague.")
    if not approver.is_active:
        raise BadApprover(f"{approver.name} has left. Name somebody who is here.")
    if due_on < now.astimezone(ZoneInfo(release.product.time_zone)).date():
        raise DueTooEarly("Choose today or a later day: nobody decides yesterday.")


def _guards(person: User) -> dict[str, Exception]:
    return {
        "products_signoff_approver_is_not_the_requester": BadApprover(
            "Nobody signs off what they ask for themselves. Name a colleague."
        ),
        "products_signoff_is_not_of_its_own_pm": BadApprover(
            f"{person.name} answers for the product, and nobody signs off a release of their own. Name somebody else."
        ),
    }


def _checked_address(text: str) -> str:
    if text:
        try:
            URLValidator(schemes=["https", "http"])(text)
        except ValidationError:
            raise BadEvidence("Write the whole address, like https://wiki.example.com/page.") from None
    return text


def function_text(function: str) -> str:
    """``legal``, as it stands in a sentence."""
    return str(AllyFunction(function).label).lower()
