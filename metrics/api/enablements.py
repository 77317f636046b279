"""Enablements: claim, read, and answer as whoever is asked."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.access import visible_enablements
from metrics.api.enablement_shapes import AnswerIn, EnablementIn, EnablementOut, EnablementStepOut
from metrics.models import Enablement, EnablementKind, EnablementState, EnablementStep
from metrics.queries.answerers import Work
from metrics.queries.enablement_rows import named
from metrics.services.answers import Answer, Verdict, give_answer
from metrics.services.enablement_steps import HelpFigures
from metrics.services.enablements import Help, Said, claim
from metrics.services.enabling_refusals import EnablingRefused, NotAsked, NotOpen, NotTheirs, SaidAlready
from pmtrack.web.answers import answer
from pmtrack.web.errors import FieldProblem, Problem, not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import SINGLE_LIMIT, body_of, choice_parameter, decode, instant_parameter, parameters
from pmtrack.web.schema import PAGING, answers, body_schema, query
from pmtrack.web.throttles import TokenThrottle
from products.access import visible_features, visible_products, visible_releases, visible_teams
from products.api.authentication import requires_scope
from products.api.reach import reach_of
from products.models import Product, User
from products.queries.versions import ALL_FACTS, product_scope

STATUS: dict[type[EnablingRefused], int] = {NotTheirs: 403, NotAsked: 403, NotOpen: 409, SaidAlready: 409}


def show_enablement(row: Any) -> EnablementOut:
    """An enablement as the API answers it, its steps the oldest first."""
    return EnablementOut(
        key=row.key,
        product=row.upstream_product.slug,
        release=row.upstream_release.key if row.upstream_release else None,
        feature=row.feature.key if row.feature else None,
        work=row.work,
        owner_product=row.downstream_product.slug if row.downstream_product else None,
        owner_team=row.downstream_team.slug if row.downstream_team else None,
        kind=row.kind,
        days_low=row.days_low,
        days_high=row.days_high,
        statement=row.statement,
        evidence=row.evidence,
        state=row.state,
        claimed_by=_mail(row.claimed_by),
        thanked_by=_mail(row.thanked_by),
        made_at=row.made_at,
        asked=_mail(row.asked),
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        answered_by=_mail(row.answered_by),
        answered_at=row.answered_at,
        steps=[_step(one) for one in row.chain],
    )


def enablement_rows(request: Request) -> QuerySet[Enablement]:
    """Enablements with their chains, the newest first. Two statements, however many there are."""
    chain = EnablementStep.objects.select_related("by", "to").order_by("pk")
    return (
        named(visible_enablements(request.user))
        .order_by("-pk")
        .prefetch_related(Prefetch("steps", chain, to_attr="chain"))
    )


def list_enablements(request: Request) -> HttpResponse:
    """Newest first; filters ``product`` (on either side), ``state`` and ``since`` (said at or after)."""
    given = parameters(request, "product", "state", "since", "cursor", "limit")
    rows = enablement_rows(request)
    if "product" in given:
        slug = given["product"]
        rows = rows.filter(Q(upstream_product__slug=slug) | Q(downstream_product__slug=slug))
    if state := choice_parameter(given, "state", EnablementState.values):
        rows = rows.filter(state=state)
    if since := instant_parameter(given, "since"):
        rows = rows.filter(made_at__gte=since)
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_enablement))


def claim_enablement(request: Request) -> HttpResponse:
    """201 new, 200 where the same claim is there already."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), EnablementIn)
    reached = reach_of(request.auth, [sent.product], now=now)[sent.product]
    if isinstance(reached, Problem):
        raise reached.at("/product")
    help, asked = _help(request, sent, reached), _colleague(sent.asked)
    said: Said = _told(lambda: claim(help=help, asked=asked, by=request.user, now=now))
    row = enablement_rows(request).get(pk=said.enablement.pk)
    headers = {} if said.is_new else {"Idempotent-Replayed": "true"}
    return answer(show_enablement(row), status=201 if said.is_new else 200, headers=headers)


fresh_list = fresh_answer(lambda request: product_scope(request.GET.get("product", "")))(list_enablements)


@extend_schema(
    methods=["GET"],
    operation_id="list_enablements",
    responses=answers(200, page_of=EnablementOut),
    parameters=[
        query("product", "Slug of a product on either side."),
        query("state", "Where it stands.", choices=EnablementState.values),
        query("since", "Said at this instant or after it.", format="date-time"),
        *PAGING,
    ],
    description="Newest first, with every step; filters 'product', 'state' and 'since'.",
)
@extend_schema(
    methods=["POST"],
    operation_id="claim_enablement",
    request=body_schema(EnablementIn),
    responses=answers(200, 201, struct=EnablementOut),
    description="Claim that your product helped. Whoever did the helped work is asked by mail and has two weeks.",
)
@api_view(["GET", "POST"])
@permission_classes([requires_scope("enablement:write")])
@throttle_classes([TokenThrottle])
def enablements(request: Request) -> HttpResponse:
    """Whose work helped whom: read it, or claim it."""
    return claim_enablement(request) if request.method == "POST" else fresh_list(request)


@extend_schema(operation_id="read_enablement", responses=answers(200, struct=EnablementOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request, number: ALL_FACTS)
def read_enablement(request: Request, number: int) -> HttpResponse:
    """One enablement by its key, for example ``E-211``."""
    parameters(request)
    return answer(show_enablement(_row(request, number)))


@extend_schema(
    operation_id="answer_enablement",
    request=body_schema(AnswerIn),
    responses=answers(200, struct=EnablementOut),
    description="Answer what you are asked. Only a token of the very person who is asked does, whatever product it is for.",
)
@api_view(["POST"])
@permission_classes([requires_scope("enablement:write")])
@throttle_classes([TokenThrottle])
def answer_enablement(request: Request, number: int) -> HttpResponse:
    """200 with the enablement as it then stands."""
    row, sent = _row(request, number), decode(body_of(request, limit=SINGLE_LIMIT), AnswerIn)
    kind = EnablementKind(sent.verdict) if sent.verdict in EnablementKind.values else EnablementKind.ACCELERATED
    said = Answer(Verdict(sent.verdict), HelpFigures(kind, sent.days_low, sent.days_high), sent.words.strip())
    _told(lambda: give_answer(enablement=row, answer=said, by=request.user, now=datetime.now(UTC)))
    return answer(show_enablement(_row(request, number)))


def _row(request: Request, number: int) -> Enablement:
    row = enablement_rows(request).filter(pk=number).first()
    if row is None:
        raise not_found(f"enablement 'E-{number}'")
    return row


def _help(request: Request, sent: EnablementIn, product: Product) -> Help:
    """What the body names, looked up. Raises a 422 ``Problem`` at the field."""
    release = _found("release", sent.release, visible_releases(request.user).select_related("product"))
    feature = _found("feature", sent.feature, visible_features(request.user).select_related("product"))
    owner = _slug("owner_product", sent.owner_product, visible_products(request.user))
    team = _slug("owner_team", sent.owner_team, visible_teams(request.user))
    if owner is not None and team is not None:
        raise _bad("owner_team", "no-work", "The work is of a product or of a team: name one of the two.")
    work = Work(feature, sent.work.strip(), feature.product if feature else owner, None if feature else team)
    figures = HelpFigures(EnablementKind(sent.kind), sent.days_low, sent.days_high)
    return Help(product, release, work, figures, sent.statement.strip(), sent.evidence)


def _found(field: str, key: str | None, rows: QuerySet[Any]) -> Any:
    """The row of a key like R-57. Raises ``Problem``."""
    if key is None:
        return None
    row = rows.filter(pk=int(key[2:])).first()
    if row is None:
        raise _bad(field, "unknown", f"There is no {field} '{key}' here. Check its key.")
    return row


def _slug(field: str, slug: str | None, rows: QuerySet[Any]) -> Any:
    if slug is None:
        return None
    row = rows.filter(slug=slug).first()
    if row is None:
        raise _bad(field, "unknown", f"There is no '{slug}' here. Check the slug.")
    return row


def _colleague(mail: str | None) -> User | None:
    if mail is None:
        return None
    person = User.objects.filter(email=mail.lower()).first()
    if person is None:
        raise _bad("asked", "unknown", "'asked' is no colleague's mail address. Only colleagues are asked.")
    return person


def _told(do: Callable[[], Any]) -> Any:
    """What ``do`` gives back; its refusal as a problem that points at the field."""
    try:
        return do()
    except EnablingRefused as refused:
        status = STATUS.get(type(refused), 422)
        errors = [FieldProblem(f"/{refused.field}", refused.code, str(refused))] if refused.field else []
        raise Problem(status, refused.code, str(refused), errors=errors) from None


def _bad(field: str, code: str, detail: str) -> Problem:
    return Problem(422, "bad-enablement", detail, errors=[FieldProblem(f"/{field}", code, detail)])


def _mail(person: User | None) -> str | None:
    return person.email if person else None


def _step(one: EnablementStep) -> EnablementStepOut:
    return EnablementStepOut(
        one.deed, _mail(one.by), one.at, one.from_state or None, one.to_state, one.kind, one.days_low, one.days_high,
        _mail(one.to), one.words,
    )  # fmt: skip
