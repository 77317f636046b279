"""Links with which somebody chooses a password, once; and the change of one's own.

A link is Django's own signature over who it is for, the password and sign-in so far, and when the newest link was made.
Nothing of it is stored: whoever reads the database cannot rebuild it without the secret key.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from products.models import User

ASK = "Ask an administrator for a new link."
LONGEST_UID = 26


class HasLeft(Exception):
    """Somebody who has left gets no password; the message says what to do first."""


class LinkUnusable(Exception):
    """A link opens nothing; the message says why, ``person`` whose it was where that is known."""

    def __init__(self, message: str, person: User | None = None) -> None:
        super().__init__(message)
        self.person = person


class WrongPassword(Exception):
    """What was given is not the person's password."""


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """The two parts of the address, which are shown once, and until when they hold."""

    person: User
    uid: str
    token: str
    holds_until: datetime


class _Signature(PasswordResetTokenGenerator):
    """Django's, which a newer link ends as well; the clock is an argument."""

    key_salt = "products.services.passwords"

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now

    def _make_hash_value(self, user: User, timestamp: int) -> str:  # type: ignore[override]
        made = "" if user.link_made_at is None else user.link_made_at.isoformat()
        return f"{super()._make_hash_value(user, timestamp)}{made}"

    def _now(self) -> datetime:
        """As Django counts: without a zone."""
        return self.now.astimezone(UTC).replace(tzinfo=None)


@transaction.atomic
def make_link(*, person: User, now: datetime) -> PasswordLink:
    """A link that holds once, for three days; the one before it ends. The password so far stays. Raises ``HasLeft``."""
    held = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not held.is_active:
        raise HasLeft(f"{held.name} has left. Welcome them back first.")
    held.link_made_at = now
    held.save(update_fields=["link_made_at"])
    uid = urlsafe_base64_encode(str(held.pk).encode())
    life = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return PasswordLink(held, uid, _Signature(now).make_token(held), now + life)


def holder_of_link(*, uid: str, token: str, now: datetime) -> User:
    """Whom the link is for. Raises ``LinkUnusable``."""
    person = User.objects.filter(pk=_number(uid)).first()
    if person is None:
        raise LinkUnusable(f"This is not a whole link. Copy it again, to its very end. {ASK}")
    _refuse_dead_link(person, token, now=now)
    return person


@transaction.atomic
def choose_password(*, uid: str, token: str, password: str, now: datetime) -> User:
    """Use the link up: from now on ``password``, which the caller has judged, opens. Raises ``LinkUnusable``.

    Of two who use one link at the same moment one is refused.
    """
    person = holder_of_link(uid=uid, token=token, now=now)
    held = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    _refuse_dead_link(held, token, now=now)
    held.set_password(password)
    held.link_made_at = None
    held.save(update_fields=["password", "link_made_at"])
    return held


@transaction.atomic
def change_password(*, person: User, current: str, new: str) -> User:
    """Another password for somebody who knows his own; every session of his ends. Raises ``WrongPassword``."""
    held = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not held.check_password(current):
        raise WrongPassword("This is not your password. If you have forgotten it, ask an administrator for a link.")
    held.set_password(new)
    held.link_made_at = None
    held.save(update_fields=["password", "link_made_at"])
    return held


def _number(uid: str) -> int:
    """The person's key; 0, which nobody has, where the text is no key."""
    if len(uid) > LONGEST_UID:
        return 0
    try:
        text = urlsafe_base64_decode(uid).decode("ascii")
    except ValueError:
        return 0
    return int(text) if text.isdigit() and len(text) < 19 else 0


def _refuse_dead_link(person: User, token: str, *, now: datetime) -> None:
    if not person.is_active:
        raise LinkUnusable("This link ended when its owner was marked as having left.", person)
    if person.link_made_at is None:
        raise LinkUnusable(f"This link has been used, or another password was set since. {ASK}", person)
    if _Signature(now).check_token(person, token):
        return
    if _Signature(person.link_made_at).check_token(person, token):
        raise LinkUnusable(f"This link was good for three days, and they are over. {ASK}", person)
    raise LinkUnusable(
        f"This link does not hold: a newer one, another password or a sign-in has ended it. {ASK}", person
    )
