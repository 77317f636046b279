"""Letters that ask for a sign-off, and the links in them that decide it once without signing in."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from products.models import SignOff, SignOffLetter, SignOffLink, User
from products.services.secret_links import NOT_WHOLE, LinkUnusable, digest_of, new_secret
from products.services.sending import MOST_AT_ONCE, Posted, mailed, send_waiting
from products.services.signoffs import Verdict, decide_sign_off, function_text

USE = "sign-off link"
HOLDS = timedelta(days=90)
SIGN_IN = "Sign in and open the release."


def post_sign_off_letters(*, now: datetime, most: int = MOST_AT_ONCE) -> Posted:
    """Send what is due; a letter whose question is over is dropped."""
    return send_waiting(SignOffLetter, _deliver, now=now, most=most)


def make_sign_off_link(*, sign_off: SignOff, person: User, now: datetime) -> str:
    """The secret of a new link, told once; older ones hold as well. Raises ``LinkUnusable``."""
    if sign_off.approver_id != person.pk or sign_off.decision:
        raise LinkUnusable("Only whoever is asked gets a link.")
    secret = new_secret()
    digest = digest_of(secret, use=USE)
    SignOffLink.objects.create(digest=digest, sign_off=sign_off, person=person, made_at=now, expires_at=now + HOLDS)
    return secret


def sign_off_link_opened(secret: str, *, now: datetime) -> SignOffLink:
    """The link with what it asks, where it still opens it; writes nothing. Raises ``LinkUnusable`` in words."""
    rows = SignOffLink.objects.select_related("sign_off__release__product", "person")
    link = rows.filter(digest=digest_of(secret, use=USE)).first()
    if link is None:
        raise LinkUnusable(NOT_WHOLE)
    _refuse_dead(link, now)
    return link


@transaction.atomic
def decide_by_link(*, secret: str, verdict: Verdict, now: datetime, revision: int | None = None) -> SignOff:
    """Decide as the person asked, and use the link up. Raises ``LinkUnusable`` and what ``decide_sign_off`` raises."""
    found = sign_off_link_opened(secret, now=now)
    rows = SignOffLink.objects.select_for_update(of=("self",)).select_related("sign_off", "person")
    link = rows.get(pk=found.pk)
    _refuse_dead(link, now)
    link.used_at = now
    link.save(update_fields=["used_at"])
    return decide_sign_off(sign_off=link.sign_off, verdict=verdict, by=link.person, now=now, revision=revision)


def _refuse_dead(link: SignOffLink, now: datetime) -> None:
    row = link.sign_off
    if link.used_at is not None:
        raise LinkUnusable(f"This link was used: a link answers once. {SIGN_IN}")
    if now >= link.expires_at:
        raise LinkUnusable(f"This link was good for {HOLDS.days} days, and they are over. {SIGN_IN}")
    if not link.person.is_active:
        raise LinkUnusable("This link ended when its owner left.")
    if row.decision or row.approver_id != link.person_id:
        raise LinkUnusable(f"This was decided, or is asked of somebody else now. {SIGN_IN}")


def _deliver(letter: SignOffLetter, now: datetime) -> bool:
    row = SignOff.objects.select_related("release__product", "requested_by", "approver").get(pk=letter.sign_off_id)
    person = row.approver
    if row.decision or person is None or person.pk != letter.to_id or not person.is_active:
        return False
    address = f"{settings.PUBLIC_URL}{reverse('sign_off_link', args=[make_sign_off_link(sign_off=row, person=person, now=now)])}"
    return mailed(letter, person.email, _subject(row), _text(row, person, address))


def _subject(row: SignOff) -> str:
    line = f"{row.get_function_display()}: may {row.release.title} of {row.release.product.name} go live?"
    return " ".join(line.split())[:150]


def _text(row: SignOff, person: User, address: str) -> str:
    release = row.release
    asks = f"{row.requested_by.name} asks" if row.requested_by else f"The rules of {release.product.name} ask"
    planned = f" It is planned for {release.planned_for:%-d %B %Y}." if release.planned_for else ""
    lines = [
        f"Hi {person.name.split()[0]},", "",
        f"{asks} for {function_text(row.function)}’s sign-off of {release.title} ({release.key}).{planned}",
        f"Please decide by {row.due_on:%-d %B %Y}.", "",
        "Approve it, approve it with conditions, or reject it, on one screen:", address, "",
        f"The link decides once, for {HOLDS.days} days, and needs no password: do not hand it on.", "", "pmtrack",
    ]  # fmt: skip
    return "\n".join(lines)
