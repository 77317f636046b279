"""Who could use a hand: for leads, of their own people, the one blocked piece of work that waits longest. Never a ranking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from metrics.catalog.measures import WAITS
from metrics.queries.cycle import CycleRow, StageCell
from metrics.queries.prepared import rows_of
from metrics.queries.scope import KnownTeam
from metrics.queries.words import short_day
from products.access import Actor
from products.catalog.words import counted, in_words, number_word
from products.models import AllyFunction, Membership

MOST = 5
PATIENT = timedelta(days=14)
ASKED_WITHIN = timedelta(days=60)
DAY = timedelta(days=1)
# Of the PMs and members of the teams that the reader leads today (products.access.led_people, written out for these teams): the products
# for which they stand, and of each kind of wait the oldest. What somebody wrote for the next talk is told as a day only.
WAITING = """
WITH led AS (
    SELECT DISTINCT person.id, person.name FROM products_membership AS member
    JOIN products_user AS person ON person.id = member.user_id AND person.is_active
    WHERE member.team_id = ANY(%(teams)s) AND member.role <> 'lead' AND member.period @> %(today)s::date
        AND person.id <> %(reader)s
), duty AS (
    SELECT held.product_id, product.slug, product.name, led.id AS person_id, led.name AS person
    FROM products_productteam AS held
    JOIN products_product AS product ON product.id = held.product_id
    JOIN products_assignment AS stands ON stands.product_id = product.id AND stands.period @> %(today)s::date
    JOIN led ON led.id = stands.user_id
    WHERE held.team_id = ANY(%(teams)s) AND held.period @> %(today)s::date
)
SELECT 'duty', person_id, person, slug, name, 0::bigint, '', NULL::timestamptz, NULL::timestamptz FROM duty
UNION ALL
(SELECT DISTINCT ON (person_id) 'sign_off', person_id, person, slug, duty.name, release.id, asked.function, asked.requested_at,
    asked.due_on::timestamptz
FROM duty JOIN products_release AS release ON release.product_id = duty.product_id AND release.state = 'planned'
JOIN products_signoff AS asked ON asked.release_id = release.id AND asked.decision = '' AND asked.due_on < %(today)s
ORDER BY person_id, asked.requested_at, asked.id)
UNION ALL
(SELECT DISTINCT ON (person_id) 'claim', person_id, person, slug, duty.name, said.id, '', said.made_at, said.made_at + %(patient)s
FROM duty JOIN metrics_enablement AS said ON said.upstream_product_id = duty.product_id AND said.claimed_by_id = duty.person_id
    AND said.state IN ('claimed', 'expired') AND said.made_at < %(now)s - %(patient)s
ORDER BY person_id, said.made_at, said.id)
UNION ALL
(SELECT DISTINCT ON (person_id) 'talk', person_id, person, slug, duty.name, asked.id, '', asked.asked_at, asked.asked_at + %(patient)s
FROM duty JOIN feedback_outreach AS asked ON asked.product_id = duty.product_id AND asked.asked_by_id = duty.person_id
    AND asked.booked_for IS NULL AND asked.held_at IS NULL AND asked.called_off_at IS NULL
    AND asked.asked_at < %(now)s - %(patient)s
ORDER BY person_id, asked.asked_at, asked.id)
UNION ALL
SELECT 'note', led.id, led.name, '', '', 0, '', note.written_at, NULL
FROM led JOIN LATERAL (
    SELECT * FROM metrics_talknote WHERE person_id = led.id ORDER BY id DESC LIMIT 1
) AS note ON note.in_the_way <> '' AND note.written_at > %(noted)s
"""
STAGES = {
    "heard": ("entry waits for its diagnosis", "entries wait for their diagnosis"),
    "diagnosed": ("diagnosed item has no build slot", "diagnosed items have no build slot"),
    "building": (
        "item is being built longer than twice its usual",
        "items are being built longer than twice their usual",
    ),
}


@dataclass(frozen=True, slots=True)
class Hand:
    """One person with one blocked fact and one thing to do; ``asked`` says when he wrote what is in the way, "" where he did not.

    ``waits`` is how often over its usual the wait goes, for the order.
    """

    person: str
    product: str
    fact: str
    asked: str
    action: str
    url: str
    waits: float


@dataclass(frozen=True, slots=True)
class Hands:
    """At most five people, and how many there are."""

    rows: tuple[Hand, ...]
    total: int

    @property
    def sentence(self) -> str:
        """For the verdict: ``Three people could use a hand.``"""
        return f"{in_words(self.total, 'person', 'people').capitalize()} could use a hand." if self.total else ""


def hands_of(user: Actor, teams: Sequence[KnownTeam], cycle: Sequence[CycleRow], *, now: datetime) -> Hands | None:
    """For a lead, of the shown teams that he leads; None for everybody else. One statement; ``cycle`` is what the page shows."""
    led = [team.id for team in teams if team.role == Membership.Role.LEAD]
    if not led or getattr(user, "is_admin", False):
        return None
    given = {
        "teams": led, "reader": user.pk, "today": now.date(), "now": now, "patient": PATIENT, "noted": now - ASKED_WITHIN,
    }  # fmt: skip
    return _hands(rows_of(WAITING, given), {row.slug: row for row in cycle}, now)


def _hands(rows: Iterable[tuple[Any, ...]], cycle: Mapping[str, CycleRow], now: datetime) -> Hands:
    best: dict[int, Hand] = {}
    asked: dict[int, tuple[str, str]] = {}
    for kind, person_id, person, slug, product, number, words, since, due in rows:
        if kind == "note":
            asked[person_id] = (person, f"Wrote on {short_day(since.date())} what is in the way")
            continue
        found = (
            _stuck(person, product, cycle.get(slug))
            if kind == "duty"
            else [_waiting(kind, person, product, number, words, since, due, now)]
        )
        for one in found:
            if person_id not in best or one.waits > best[person_id].waits:
                best[person_id] = one
    for person_id, (person, _) in asked.items():
        if person_id not in best:
            url = reverse("person", args=[person_id])
            best[person_id] = Hand(person, "", "Nothing of theirs is stuck here.", "", "Read the notes", url, 0.0)
    told = [_with_note(one, asked.get(pk)) for pk, one in best.items()]
    told.sort(key=lambda one: (not one.asked, -one.waits, one.person))
    return Hands(tuple(told[:MOST]), len(told))


def _with_note(hand: Hand, noted: tuple[str, str] | None) -> Hand:
    if noted is None:
        return hand
    return Hand(hand.person, hand.product, hand.fact, noted[1], hand.action, hand.url, hand.waits)


def _stuck(person: str, product: str, row: CycleRow | None) -> list[Hand]:
    """What is stuck of one product, a fact for each stage."""
    cells = [cell for cell in row.cells if cell.stuck and cell.stage in WAITS] if row else []
    return [_stuck_fact(person, product, row, cell) for cell in cells if row]


def _stuck_fact(person: str, product: str, row: CycleRow, cell: StageCell) -> Hand:
    words = STAGES[cell.stage][cell.stuck != 1]
    days, usual = cell.oldest_days or 0, cell.usual_days or 1.0
    what = f"{number_word(cell.stuck).capitalize()} {words}, "
    fact = f"{what}{'' if cell.stuck == 1 else 'the oldest '}for {counted(days, 'day')}; usual is {usual:.0f}."
    url = f"{reverse('cycle')}?product={row.slug}"
    return Hand(person, product, fact, "", "Look at the board", url, days / max(usual, 1.0))


def _waiting(
    kind: str, person: str, product: str, number: int, words: str, since: datetime, due: datetime, now: datetime
) -> Hand:
    days = max(1, (now - since).days)
    over = counted(days, "day")
    fact, action, url = {
        "sign_off": (
            f"Sign-off from {AllyFunction(words).label if words else ''} has waited {over}; it was due on {short_day(due.date())}.",
            "See the release", reverse("release", args=[number]),
        ),
        "claim": (f"A claim of help has stood for {over} and nobody confirmed it.", "Ask somebody else", reverse("enablement", args=[number])),
        "talk": (f"A question has waited {over} for a talk; nothing is booked.", "See the question", reverse("asked", args=[number])),
    }[kind]  # fmt: skip
    return Hand(person, product, fact, "", action, url, (now - since) / max(due - since, DAY))
