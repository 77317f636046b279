"""Links that let whoever was asked answer once without signing in. Only a digest is stored; the pepper is not in the database."""

from datetime import datetime

from django.db import transaction

from metrics.models import AnswerLink, Enablement
from metrics.services.answers import Answer, give_answer, hand_on
from metrics.services.enabling_refusals import LinkUnusable
from products.models import User
from products.services.secret_links import NOT_WHOLE, WELL_FORMED, digest_of, new_secret

USE = "answer link"
SIGN_IN = "Sign in and look under Enablements."


def make_answer_link(*, enablement: Enablement, person: User, now: datetime) -> str:
    """The secret of a new link, which is told once and holds until the question's own end; older ones hold as well."""
    if enablement.asked_id != person.pk or enablement.expires_at is None:
        raise LinkUnusable("Only whoever is asked gets a link.")
    secret = new_secret()
    AnswerLink.objects.create(
        digest=digest_of(secret, use=USE),
        enablement=enablement,
        person=person,
        made_at=now,
        expires_at=enablement.expires_at,
    )
    return secret


def link_opened(secret: str, *, now: datetime) -> AnswerLink:
    """The link with what it asks about, where it still opens it; writes nothing. Raises ``LinkUnusable`` in words."""
    if not WELL_FORMED.fullmatch(secret):
        raise LinkUnusable(NOT_WHOLE)
    link = AnswerLink.objects.select_related("enablement", "person").filter(digest=digest_of(secret, use=USE)).first()
    if link is None:
        raise LinkUnusable(NOT_WHOLE)
    _refuse_dead(link, now)
    return link


@transaction.atomic
def answer_by_link(*, secret: str, answer: Answer, now: datetime, revision: int | None = None) -> Enablement:
    """Answer as the person asked, and use the link up. Raises ``LinkUnusable`` and what ``give_answer`` raises."""
    link = _taken(secret, now)
    return give_answer(enablement=link.enablement, answer=answer, by=link.person, now=now, revision=revision)


@transaction.atomic
def hand_on_by_link(*, secret: str, to: User, now: datetime) -> Enablement:
    """Hand the question on as the person asked, and use the link up. Raises ``LinkUnusable`` and what ``hand_on`` raises."""
    link = _taken(secret, now)
    return hand_on(enablement=link.enablement, to=to, by=link.person, now=now)


def _taken(secret: str, now: datetime) -> AnswerLink:
    """The link, locked and used up by this transaction."""
    found = link_opened(secret, now=now)
    link = AnswerLink.objects.select_for_update(of=("self",)).select_related("enablement", "person").get(pk=found.pk)
    _refuse_dead(link, now)
    link.used_at = now
    link.save(update_fields=["used_at"])
    return link


def _refuse_dead(link: AnswerLink, now: datetime) -> None:
    row = link.enablement
    if link.used_at is not None:
        raise LinkUnusable(f"This link was used: a link answers once. {SIGN_IN} There the answer can be opened again.")
    if now >= link.expires_at:
        raise LinkUnusable(
            f"This link was good for two weeks, and they are over. {SIGN_IN} Or ask for another question."
        )
    if not link.person.is_active:
        raise LinkUnusable("This link ended when its owner left.")
    if row.asked_id != link.person_id or row.asked_at is None or row.asked_at > link.made_at:
        raise LinkUnusable(f"The question was answered, handed on or withdrawn meanwhile. {SIGN_IN}")
