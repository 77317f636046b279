"""The last calls of the tokens that a reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from products.access import Actor, owned_products, visible_products, visible_tokens
from products.models import ApiCall, ApiToken, ProductTeam, Team

PAGE_ROWS = 50
STATUS_CLASSES = {"2": "accepted (2xx)", "4": "refused (4xx)", "5": "failed (5xx)"}


@dataclass(frozen=True, slots=True)
class BadField:
    """Where a call was wrong, and what was wrong there."""

    pointer: str
    words: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call: ``items`` says in words what became of what it brought, empty where it brought nothing."""

    id: int
    called_at: datetime
    token: str
    token_hint: str
    method: str
    route: str
    status: int
    is_good: bool
    items: str
    duration_ms: int
    request_id: UUID
    problem: str
    fields: tuple[BadField, ...]


@dataclass(frozen=True, slots=True)
class CallPage:
    """Newest first; ``older`` is where the next page begins, None on the last one."""

    rows: tuple[CallRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class LogChoices:
    """What the log can be filtered by."""

    tokens: tuple[Choice, ...]
    products: tuple[Choice, ...]


def log_choices(user: Actor, *, day: date) -> LogChoices:
    """The reader's tokens and the products that they reach. Two statements."""
    tokens = visible_tokens(user, day=day)
    named = tokens.order_by("name", "-pk").values_list("pk", "name", "last_four")
    teams = Team.objects.filter(tokens__in=tokens)
    reached = visible_products(user).filter(Q(tokens__in=tokens) | Q(pk__in=owned_products(teams, day=day)))
    products = reached.distinct().order_by("name").values_list("slug", "name")
    return LogChoices(
        tuple(Choice(str(number), f"{name} …{end}") for number, name, end in named),
        tuple(Choice(slug, name) for slug, name in products),
    )


def call_page(
    user: Actor, *, day: date, token: int | None = None, product: str = "", status: str = "", before: int | None = None
) -> CallPage:
    """One page of calls; ``product`` is a slug, ``status`` the first digit. One statement."""
    tokens = visible_tokens(user, day=day)
    if token is not None:
        tokens = tokens.filter(pk=token)
    if product:
        owners = ProductTeam.objects.filter(product__slug=product, period__contains=day).values("team")
        tokens = tokens.filter(Q(product__slug=product) | Q(team__in=owners))
    calls = ApiCall.objects.filter(token__in=tokens).select_related("token").order_by("-pk")
    if status:
        calls = calls.filter(status__gte=int(status) * 100, status__lt=(int(status) + 1) * 100)
    if before is not None:
        calls = calls.filter(pk__lt=before)
    found = list(calls[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    return CallPage(tuple(_row(call) for call in shown), shown[-1].pk if len(found) > PAGE_ROWS else None)


def _row(call: ApiCall) -> CallRow:
    token: ApiToken = call.token
    return CallRow(
        id=call.pk,
        called_at=call.called_at,
        token=token.name,
        token_hint=f"…{token.last_four}",
        method=call.method,
        route=call.route,
        status=call.status,
        is_good=call.status < 400,
        items=_items(
            (call.stored, "stored"), (call.replayed, "known"), (call.corrected, "corrected"), (call.refused, "refused")
        ),
        duration_ms=call.duration_ms,
        request_id=call.request_id,
        problem=call.problem,
        fields=tuple(BadField(pointer, words) for pointer, words in call.fields),
    )


def _items(*counts: tuple[int, str]) -> str:
    said: Sequence[str] = [f"{count:,} {word}" for count, word in counts if count]
    return ", ".join(said)
