"""Who asks: people seen from the product Checkout, and tokens of every scope."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.test import Client

from products.models import Ally, ApiToken, Scope
from products.services.tokens import revoke_token
from tests.conftest import Cast
from tests.factories import join, make_token, make_user, since

# Seen from Checkout, which Booking owns: Emil is its PM, Lena leads Booking, Paula is a PM elsewhere.
PEOPLE = ("anonymous", "member", "pm", "other pm", "ally", "lead", "other lead", "admin", "left")
SCOPES = tuple(Scope.values)
TOKENS = (*SCOPES, "other product", "revoked", "expired")
ACTORS = (*PEOPLE, *TOKENS)


@dataclass(frozen=True, slots=True)
class Actors:
    """A signed-in client for each actor, and those who together may do whatever can be done."""

    clients: dict[str, Client]
    mighty: tuple[Client, ...]


def make_actors(cast: Cast) -> Actors:
    """Everybody of ``ACTORS``, signed in or with a token."""
    clients = {**_people(cast), **{name: with_token(secret) for name, secret in _tokens(cast).items()}}
    every_scope = with_token(make_token(cast.lena, team=cast.booking))
    return Actors(clients, (clients["lead"], clients["admin"], every_scope))


def _people(cast: Cast) -> dict[str, Client]:
    ally, other_lead, left = make_user("Ally"), make_user("Olga"), make_user("Leo")
    Ally.objects.create(product=cast.checkout, user=ally, function="account_management", period=since())
    join(other_lead, cast.finance, "lead")
    join(left, cast.booking, "lead")
    people = {
        "member": cast.otto, "pm": cast.emil, "other pm": cast.paula, "ally": ally, "lead": cast.lena,
        "other lead": other_lead, "admin": cast.admin, "left": left,
    }  # fmt: skip
    clients = {"anonymous": Client(raise_request_exception=False)}
    for name, user in people.items():
        clients[name] = Client(raise_request_exception=False)
        clients[name].force_login(user)
    left.is_active = False
    left.save(update_fields=["is_active"])
    return clients


def _tokens(cast: Cast) -> dict[str, str]:
    now = datetime.now(UTC)
    secrets = {scope: make_token(cast.lena, team=cast.booking, scopes=[scope]) for scope in SCOPES}
    secrets["other product"] = make_token(cast.paula, product=cast.switchyard)
    secrets["revoked"] = make_token(cast.emil, product=cast.checkout)
    revoke_token(token=ApiToken.objects.latest("pk"), now=now)
    secrets["expired"] = make_token(cast.emil, product=cast.checkout, now=now - timedelta(days=100))
    return secrets


def with_token(secret: str) -> Client:
    """A client that sends a token with every request."""
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})
