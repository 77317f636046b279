"""The tokens that a reader may see, and what he may make tokens for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, Subquery, When, Window

from products.access import Actor, manageable_products, token_teams, visible_tokens
from products.models import ApiToken, Scope, TokenKind

PAGE_ROWS = 50
SOON = timedelta(days=14)
SCOPE_WORDS: dict[str, str] = {scope.value: str(scope.label) for scope in Scope}
KIND_WORDS: dict[str, str] = {kind.value: str(kind.label) for kind in TokenKind}


@dataclass(frozen=True, slots=True)
class OtherSecret:
    """The token before or after a roll: its row's id and the end of its secret."""

    id: int
    last_four: str


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token. ``state`` is active, soon, rolled, expired, revoked or orphaned, ``state_words`` says it with its date."""

    id: int
    name: str
    kind: str
    hint: str
    scopes: tuple[str, ...]
    reach: str
    type: str
    made_by: str
    last_used_at: datetime | None
    expires_at: datetime
    state: str
    state_words: str
    can_roll: bool
    can_revoke: bool
    replaces: OtherSecret | None
    replaced_by: OtherSecret | None


@dataclass(frozen=True, slots=True)
class TokenPage:
    """One page of tokens: living ones first."""

    rows: tuple[TokenRow, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReachChoice:
    """Something that a token may be made for: ``value`` is ``product:<slug>`` or ``team:<slug>``."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class ReachChoices:
    """What the reader may make tokens for; nothing for those who answer for nothing."""

    products: tuple[ReachChoice, ...]
    teams: tuple[ReachChoice, ...]

    def __bool__(self) -> bool:
        return bool(self.products or self.teams)


def token_page(user: Actor, *, now: datetime, page: int = 1) -> TokenPage:
    """Living tokens by name, then ended ones. One statement."""
    ended = Case(When(Q(revoked_at__isnull=False) | Q(expires_at__lte=now), then=1), default=0)
    rows = _with_successor(visible_tokens(user, day=now.date())).annotate(ended=ended, total=Window(Count("pk")))
    found = list(rows.order_by("ended", "name", "-pk")[(page - 1) * PAGE_ROWS : page * PAGE_ROWS])
    total = found[0].total if found else 0
    return TokenPage(tuple(_row(token, user, now) for token in found), page, max(1, -(-total // PAGE_ROWS)))


def token_row(user: Actor, number: int, *, now: datetime) -> TokenRow | None:
    """One token that the reader may see, else None."""
    token = _with_successor(visible_tokens(user, day=now.date())).filter(pk=number).first()
    return _row(token, user, now) if token else None


def reach_choices(user: Actor, *, now: datetime) -> ReachChoices:
    """Products and teams that the reader may make tokens for, by name. Two statements."""
    products = manageable_products(user, day=now.date()).order_by("name").values_list("slug", "name")
    teams = token_teams(user, day=now.date()).order_by("name").values_list("slug", "name")
    return ReachChoices(
        tuple(ReachChoice(f"product:{slug}", name) for slug, name in products),
        tuple(ReachChoice(f"team:{slug}", name) for slug, name in teams),
    )


def _with_successor(tokens: Any) -> Any:
    successor = ApiToken.objects.filter(replaces=OuterRef("pk"))
    return tokens.select_related("product", "team", "created_by", "replaces").annotate(
        successor_id=Subquery(successor.values("pk")[:1]),
        successor_end=Subquery(successor.values("last_four")[:1]),
    )


def _row(token: Any, user: Actor, now: datetime) -> TokenRow:
    state, words = _state(token, now)
    lives = state not in {"expired", "revoked"}
    return TokenRow(
        id=token.pk,
        name=token.name,
        kind=KIND_WORDS[token.kind],
        hint=f"{token.prefix}…{token.last_four}",
        scopes=tuple(SCOPE_WORDS[scope] for scope in token.scopes),
        reach=token.product.name if token.product else f"Team {token.team.name}",
        type=token.product.type if token.product else "",
        made_by=token.created_by.name,
        last_used_at=token.last_used_at,
        expires_at=token.expires_at,
        state=state,
        state_words=words,
        can_roll=lives and token.rolled_at is None and (token.team is not None or not getattr(user, "is_admin", False)),
        can_revoke=lives,
        replaces=OtherSecret(token.replaces.pk, token.replaces.last_four) if token.replaces else None,
        replaced_by=OtherSecret(token.successor_id, token.successor_end) if token.successor_id else None,
    )


def _state(token: Any, now: datetime) -> tuple[str, str]:
    """What a token is good for now, and in words."""
    if token.revoked_at is not None:
        return "revoked", f"Revoked {_day(token.revoked_at)}"
    if token.expires_at <= now:
        return "expired", f"{'Replaced, ended' if token.rolled_at else 'Expired'} {_day(token.expires_at)}"
    if not token.created_by.is_active:
        return "orphaned", "Refused: its maker has left"
    if token.rolled_at is not None:
        return "rolled", f"Rolled, holds until {_day(token.expires_at)}, {token.expires_at:%H:%M} UTC"
    if token.expires_at - now <= SOON:
        days = (token.expires_at - now).days
        return "soon", f"Expires in {days} day{'' if days == 1 else 's'}" if days else "Expires today"
    return "active", "Active"


def _day(instant: datetime) -> str:
    return f"{instant.day} {instant:%B %Y}"
