"""Make, find, use and revoke API tokens: ``pmt_<kind>_<32 base62><6 base62 crc32>``, stored as a keyed hash only."""

import hashlib
import hmac
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from products.access import manageable_products, token_teams
from products.models import ApiToken, Product, Scope, Team, User
from products.queries.token_secrets import token_with

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH, CHECKSUM_LENGTH = 32, 6
DEFAULT_LIFE = timedelta(days=90)
LONGEST_LIFE = timedelta(days=366)
USE_IS_NOTED_EVERY = timedelta(minutes=1)
LONGEST_NAME = 120
OVERLAP = timedelta(hours=24)


class TokenRefused(Exception):
    """A token may not be made like this; the message says why and what would do."""


class NameTaken(TokenRefused):
    """Another living token for the same product or team bears the name."""


class TokenEnded(TokenRefused):
    """A token that was rolled, revoked or has expired cannot be rolled."""


class TokenUnusable(Exception):
    """A secret opens nothing; the message says why, ``token`` whose it is where that is known."""

    def __init__(self, message: str, token: ApiToken | None = None) -> None:
        super().__init__(message)
        self.token = token


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its secret, which is shown once and never stored."""

    token: ApiToken
    secret: str


def base62(number: int, *, width: int) -> str:
    """``number`` in base 62, padded with zeros to ``width`` digits."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits.rjust(width, ALPHABET[0])


def checksum(text: str) -> str:
    """CRC-32 of ``text`` as six base-62 digits: typing errors are found without asking the database."""
    return base62(zlib.crc32(text.encode()), width=CHECKSUM_LENGTH)


def is_well_formed(secret: str) -> bool:
    """Whether ``secret`` has a token's shape and its checksum fits."""
    body, check = secret[:-CHECKSUM_LENGTH], secret[-CHECKSUM_LENGTH:]
    parts = body.split("_")
    return (
        len(parts) == 3
        and parts[0] == "pmt"
        and parts[1] in ApiToken.Kind.values
        and len(parts[2]) == RANDOM_LENGTH
        and all(character in ALPHABET for character in parts[2])
        and hmac.compare_digest(checksum(body).encode(), check.encode())
    )


def digest(secret: str) -> str:
    """HMAC-SHA256 of the secret with this installation's pepper, in hex."""
    return hmac.new(settings.TOKEN_PEPPER.encode(), secret.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def make_token(
    *,
    name: str,
    kind: str,
    scopes: Sequence[str],
    maker: User,
    product: Product | None = None,
    team: Team | None = None,
    expires_at: datetime | None = None,
    now: datetime,
) -> NewToken:
    """Make a token for one product or one team that ``maker`` may manage. Raises ``TokenRefused``."""
    expires_at = expires_at or now + DEFAULT_LIFE
    _refuse_bad_terms(name=name, kind=kind, scopes=scopes, expires_at=expires_at, now=now)
    _refuse_bad_reach(maker=maker, product=product, team=team, now=now)
    return _store(
        ApiToken(
            name=" ".join(name.split()),
            kind=kind,
            scopes=sorted(set(scopes)),
            product=product,
            team=team,
            created_by=maker,
            created_at=now,
            expires_at=expires_at,
        )
    )


@transaction.atomic
def roll_token(*, token: ApiToken, maker: User, now: datetime) -> NewToken:
    """Give a living token a successor with a new secret; the old one holds for a day more, so that nothing stops.

    The successor lasts as long as the old one was made for. Raises ``TokenEnded`` and ``TokenRefused``.
    """
    old = ApiToken.objects.select_for_update(no_key=True).get(pk=token.pk)
    if old.rolled_at or old.revoked_at or old.expires_at <= now:
        raise TokenEnded(f"“{old.name}” was replaced or has ended, so there is nothing to roll. Make a new one.")
    _refuse_bad_reach(maker=maker, product=old.product, team=old.team, now=now)
    life = old.expires_at - old.created_at
    old.rolled_at, old.expires_at = now, min(old.expires_at, now + OVERLAP)
    old.save(update_fields=["rolled_at", "expires_at"])
    return _store(
        ApiToken(
            name=old.name,
            kind=old.kind,
            scopes=old.scopes,
            product=old.product,
            team=old.team,
            created_by=maker,
            created_at=now,
            expires_at=now + min(life, LONGEST_LIFE),
            replaces=old,
        )
    )


def _store(token: ApiToken) -> NewToken:
    """Give the token its secret and store it. Raises ``NameTaken``: the database decides between two at once."""
    body = f"pmt_{token.kind}_{''.join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))}"
    secret = body + checksum(body)
    token.digest, token.prefix, token.last_four = digest(secret), secret[:12], secret[-4:]
    try:
        with transaction.atomic():
            token.save(force_insert=True)
    except IntegrityError as error:
        if "one_name_for_a" not in str(error):
            raise
        reach = token.product or token.team
        raise NameTaken(f"The name “{token.name}” is taken: a token for {reach} bears it. Use another.") from None
    return NewToken(token, secret)


def _refuse_bad_terms(*, name: str, kind: str, scopes: Sequence[str], expires_at: datetime, now: datetime) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise TokenRefused(f"Give the token a name of at most {LONGEST_NAME} characters.")
    unknown = sorted(set(scopes) - set(Scope.values))
    if kind not in ApiToken.Kind.values:
        raise TokenRefused(f"'{kind}' is no kind of token. Use one of: {', '.join(ApiToken.Kind.values)}.")
    if unknown or not scopes:
        wrong = f"Unknown scope: {', '.join(unknown)}." if unknown else "A token needs at least one scope."
        raise TokenRefused(f"{wrong} Use one or more of: {', '.join(Scope.values)}.")
    if not now < expires_at <= now + LONGEST_LIFE:
        raise TokenRefused(f"A token expires between tomorrow and {LONGEST_LIFE.days} days from now.")


def _refuse_bad_reach(*, maker: User, product: Product | None, team: Team | None, now: datetime) -> None:
    if (product is None) == (team is None):
        raise TokenRefused("Name either one product or one team that the token is for.")
    _wait_for_others(product, team)
    if product is not None and not manageable_products(maker, day=now.date()).filter(pk=product.pk).exists():
        raise TokenRefused(f"{maker.name} is not a PM or lead of {product.name}, so cannot make a token for it.")
    if team is not None and not token_teams(maker, day=now.date()).filter(pk=team.pk).exists():
        raise TokenRefused(f"{maker.name} is not a PM or lead of {team.name}, so cannot make a token for it.")


def _wait_for_others(product: Product | None, team: Team | None) -> None:
    """Tokens for one product or team are made one after the other: two of a name at once would wait in a circle."""
    if product is not None:
        Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if team is not None:
        Team.objects.select_for_update(no_key=True).get(pk=team.pk)


def find_token(secret: str, *, now: datetime) -> ApiToken:
    """The token with this secret. Raises ``TokenUnusable``, which says why: mistyped, unknown, revoked, expired, orphaned.

    A mistyped secret never reaches the database. Notes the use, at most once a minute.
    """
    if not is_well_formed(secret):
        raise TokenUnusable("This is not a whole token: its checksum does not fit. Copy it again.")
    token = token_with(digest(secret))
    if token is None:
        raise TokenUnusable("This token is unknown here. Make one under /settings/tokens/.")
    if token.revoked_at is not None:
        raise TokenUnusable(f"This token was revoked on {token.revoked_at:%Y-%m-%d}. Make a new one.", token)
    if token.expires_at <= now:
        ended = "was replaced by a new secret, and its last day ended" if token.rolled_at else "expired"
        todo = "Use the new secret" if token.rolled_at else "Make a new one"
        raise TokenUnusable(f"This token {ended} on {token.expires_at:%Y-%m-%d}. {todo}.", token)
    if not token.created_by.is_active:
        raise TokenUnusable("The colleague who made this token has left. Have a PM or lead make a new one.", token)
    if token.last_used_at is None or now - token.last_used_at >= USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke_token(*, token: ApiToken, now: datetime) -> ApiToken:
    """End a token at once; ending it again changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)
    token.refresh_from_db(fields=["revoked_at"])
    return token
