"""The inbox: what stands open, for whom, how long, and who said it. The same few statements for ten items and ten thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from feedback.access import visible_feedback, visible_voices
from feedback.models import Consent, Feedback, Voice
from feedback.queries.usual import Usual, age_days, stuck_before, usual_days
from products.access import Actor, is_known, owned_products, teams_of
from products.catalog.words import counted
from products.models import Assignment, Membership, Product

SCOPES = ("mine", "team", "stuck", "all")
STATES = ("open", "diagnosed", "any")
ROWS = 50

# ``earliest`` is when a merged group was first heard; ``cutoff`` is the moment before which an item of a product is stuck.
# What has no diagnosis and what has one come apart, so that the planner knows how few the former are.
SELECTED = """
WITH cutoffs AS (
    SELECT * FROM unnest(%(products)s::bigint[], %(cutoffs)s::timestamptz[]) AS given (product_id, cutoff)
), earliest AS (
    SELECT merged_into_id AS id, min(received_at) AS heard_at FROM feedback_feedback
    WHERE merged_into_id IS NOT NULL AND withdrawn_at IS NULL GROUP BY merged_into_id
), chosen AS (
    {chosen}
), selected AS MATERIALIZED (
    SELECT entry.id, least(entry.received_at, earliest.heard_at) AS heard_at,
        entry.product_id = ANY (%(mine)s) OR (entry.product_id IS NULL AND entry.logged_by_id = %(user)s) AS mine,
        entry.product_id = ANY (%(team)s) OR (entry.product_id IS NULL AND %(leads)s) AS team,
        entry.open AND coalesce(least(entry.received_at, earliest.heard_at) < cutoffs.cutoff, FALSE) AS stuck
    FROM chosen AS entry
    LEFT JOIN earliest ON earliest.id = entry.id
    LEFT JOIN cutoffs ON cutoffs.product_id = entry.product_id
), page AS (
    SELECT id, heard_at, stuck FROM selected WHERE {scope} AND id < %(before)s ORDER BY id DESC LIMIT %(limit)s
)
SELECT counts.*, page.* FROM (
    SELECT count(*) FILTER (WHERE mine), count(*) FILTER (WHERE team), count(*) FILTER (WHERE stuck), count(*) FROM selected
) AS counts LEFT JOIN page ON TRUE ORDER BY page.id DESC
"""
ENTRIES = """SELECT entry.id, entry.product_id, entry.received_at, entry.logged_by_id, {open} AS open
    FROM feedback_feedback AS entry {diagnosis}
    WHERE entry.merged_into_id IS NULL AND entry.withdrawn_at IS NULL AND {about} AND {words} AND {state}"""
DIAGNOSIS = "JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = entry.diagnosis_id"
# Each state as the conditions of entries without a diagnosis and of those with one; none leaves them out.
STATES_SQL: Mapping[str, tuple[str | None, str]] = {
    "open": ("entry.diagnosis_id IS NULL", "diagnosis.diagnosed_at IS NULL"),
    "diagnosed": (None, "diagnosis.diagnosed_at IS NOT NULL"),
    "any": ("entry.diagnosis_id IS NULL", "TRUE"),
}
SCOPE_SQL = {"mine": "mine", "team": "team", "stuck": "stuck", "all": "TRUE"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; ``before`` is the id below which the page goes on."""

    scope: str = "all"
    state: str = "open"
    product: int | None = None
    words: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One item: its words, age and whether it is stuck, who said it, and how many more voices it has than that one."""

    number: int
    key: str
    text: str
    product: str
    slug: str
    type: str
    age_text: str
    age_words: str
    is_stuck: bool
    who: str
    consent: str
    more: int
    diagnosis: int | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of items and the counts of the four scopes; ``older`` is the id from which the next page goes on."""

    rows: tuple[InboxRow, ...]
    counts: Mapping[str, int]
    older: int | None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose inbox it is: the products he answers for, those of his teams, and whether he leads one."""

    mine: list[int]
    team: list[int]
    leads: bool


def inbox(user: Actor, filters: Filters, *, now: datetime, rows: int = ROWS) -> Inbox:
    """The items that fit, the newest first. Eight statements."""
    if not is_known(user):
        return Inbox((), dict.fromkeys(SCOPES, 0), None)
    day = now.date()
    reader = _reader(user, day)
    clocks = {pk: (type, zone) for pk, type, zone in Product.objects.values_list("pk", "type", "time_zone")}
    usual = usual_days(list(clocks), now=now)
    sql, given = _selected(user, reader, filters, _cutoffs(clocks, usual, now))
    with connection.cursor() as cursor:
        cursor.execute(sql, {**given, "before": filters.before or 2**62, "limit": rows + 1})
        answer = cursor.fetchall()
    counts = dict(zip(SCOPES, answer[0], strict=False))
    found = [line[len(SCOPES) :] for line in answer if line[len(SCOPES)] is not None]
    older = found[rows - 1][0] if len(found) > rows else None
    return Inbox(_rows(user, found[:rows], usual, now), counts, older)


def home_scope(user: Actor, *, day: date) -> str:
    """Where the inbox opens: one's own items for those who answer for a product or lead a team, else all."""
    if not is_known(user):
        return "all"
    if Assignment.objects.filter(user_id=user.pk or 0, period__contains=day).exists():
        return "mine"
    return "team" if teams_of(user, day=day).exists() else "all"


def _reader(user: Actor, day: date) -> _Reader:
    mine = Assignment.objects.filter(user_id=user.pk or 0, period__contains=day).values_list("product", flat=True)
    team = owned_products(teams_of(user, day=day), day=day).values_list("pk", flat=True)
    leads = teams_of(user, day=day, roles=(Membership.Role.LEAD,)).exists()
    return _Reader(list(mine), list(team), leads)


def _cutoffs(
    clocks: Mapping[int, tuple[str, str]], usual: Mapping[tuple[int, str], Usual], now: datetime
) -> list[tuple[int, datetime]]:
    """For each product with a usual the moment before which what was heard is stuck."""
    return [
        (product, stuck_before(usual[product, "heard"].median, type, now, zone))
        for product, (type, zone) in clocks.items()
        if (product, "heard") in usual
    ]


def _selected(
    user: Actor, reader: _Reader, filters: Filters, cutoffs: Sequence[tuple[int, datetime]]
) -> tuple[str, dict[str, Any]]:
    about = "entry.product_id = %(product)s" if filters.product is not None else "TRUE"
    words = (
        "to_tsvector('english', coalesce(entry.text, '')) @@ websearch_to_tsquery('english', %(words)s)"
        if filters.words
        else "TRUE"
    )
    without, with_one = STATES_SQL[filters.state]
    chosen = [
        ENTRIES.format(
            open="diagnosis.diagnosed_at IS NULL", diagnosis=DIAGNOSIS, about=about, words=words, state=with_one
        )
    ]
    if without:
        chosen.append(ENTRIES.format(open="TRUE", diagnosis="", about=about, words=words, state=without))
    sql = SELECTED.format(chosen=" UNION ALL ".join(chosen), scope=SCOPE_SQL[filters.scope])
    return sql, {
        "products": [product for product, _ in cutoffs],
        "cutoffs": [cutoff for _, cutoff in cutoffs],
        "mine": reader.mine,
        "team": reader.team,
        "leads": reader.leads,
        "user": user.pk,
        "product": filters.product,
        "words": filters.words,
    }


def _rows(
    user: Actor, found: Sequence[tuple[int, datetime, bool]], usual: Mapping[tuple[int, str], Usual], now: datetime
) -> tuple[InboxRow, ...]:
    ids = [number for number, _, _ in found]
    entries = visible_feedback(user).select_related("product").in_bulk(ids)
    voices = _voices(user, ids, now.date())
    return tuple(
        _row(entries[number], heard_at, stuck, voices.get(number, []), usual, now)
        for number, heard_at, stuck in found
        if number in entries
    )


def _voices(user: Actor, ids: Sequence[int], day: date) -> dict[int, list[Any]]:
    """The voices of each group, one for each person or account. One statement."""
    found: dict[int, dict[tuple[int | None, int | None], Any]] = {}
    members = Feedback.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids, withdrawn_at=None))
    rows = (
        Voice.objects.filter(feedback__in=members)
        .select_related("feedback", "colleague", "account", "via")
        .annotate(is_known=Exists(visible_voices(user, day=day).filter(pk=OuterRef("pk"), feedback__in=members)))
        .order_by("pk")
    )
    for voice in rows:
        group = found.setdefault(voice.feedback.merged_into_id or voice.feedback_id, {})
        group.setdefault((voice.colleague_id, voice.account_id), voice)
    return {root: list(group.values()) for root, group in found.items()}


def _row(
    entry: Feedback,
    heard_at: datetime,
    stuck: bool,
    voices: Sequence[Any],
    usual: Mapping[tuple[int, str], Usual],
    now: datetime,
) -> InboxRow:
    product = entry.product
    age = age_days(heard_at, now, product.time_zone if product else "UTC")
    normal = usual.get((product.pk, "heard")) if product else None
    words = f"usual {normal.median:.0f} d" if normal else "no usual yet"
    return InboxRow(
        number=entry.pk,
        key=entry.key,
        text=entry.text,
        product=product.name if product else "Not sure which product",
        slug=product.slug if product else "",
        type=product.type if product else "",
        age_text=f"{age} d",
        age_words=f"heard {counted(age, 'day')} ago, {words}{', stuck' if stuck else ''}",
        is_stuck=stuck,
        who=_who(voices),
        consent=_consent(voices),
        more=max(0, len(voices) - 1),
        diagnosis=entry.diagnosis_id,
    )


def _who(voices: Sequence[Any]) -> str:
    """One voice by name, more as counts; accounts only to those who may know them."""
    if not voices:
        return "source not given"
    if len(voices) == 1:
        (voice,) = voices
        if voice.colleague:
            return f"{voice.colleague.name}, colleague"
        if not voice.is_known:
            return "a customer"
        return f"{voice.account.name} via {voice.via.name}" if voice.via else voice.account.name
    colleagues = sum(1 for voice in voices if voice.colleague_id)
    accounts = [voice for voice in voices if voice.account_id]
    parts = [counted(colleagues, "colleague")] * bool(colleagues)
    if accounts:
        through = {voice.via_id for voice in accounts if voice.via_id}
        via = f" via {counted(len(through), 'colleague')}" if through else ""
        parts.append(f"{counted(len(accounts), 'account')}{via}")
    return " and ".join(parts)


def _consent(voices: Sequence[Any]) -> str:
    """How many accounts may be contacted, to those who may know them."""
    known = [voice.account.consent for voice in voices if voice.account_id and voice.is_known]
    if not known:
        return ""
    if len(known) == 1:
        words = {Consent.YES: "yes", Consent.NO: "no", Consent.NOT_ASKED: "not asked"}
        return f"contact: {words[Consent(known[0])]}"
    return f"contact: {known.count(Consent.YES)} of {len(known)} yes"
