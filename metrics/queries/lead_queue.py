"""What waits for a lead: products to assess, claims without an answer, effects to decide about, KPIs without readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.urls import reverse

from metrics.access import (
    assessable_products,
    led_products,
    visible_assessments,
    visible_enablements,
    visible_estimates,
    visible_kpis,
)
from metrics.catalog.quarters import Quarter, quarter_of
from metrics.models import EnablementState, EstimateWord, KpiCadence, Reading, ReleaseDecision
from metrics.queries.enablement_rows import named, row_of
from metrics.queries.words import short_day
from products.access import Actor, administers, teams_of
from products.catalog.words import counted, in_words, sentence
from products.models import Membership, Product, ProductType, Release, Team

MOST_ROWS = 50
NO_READING_FOR = timedelta(days=28)
# Nobody decides about a release half a year later.
DECIDED_WITHIN = timedelta(days=180)
NOT_DUE = (EstimateWord.TOO_EARLY, EstimateWord.WITHDRAWN)
# How many there are, told by each of the first rows: the others are never fetched.
ALL_OF_THEM = Window(Count("*"))
STEP_DAYS = Case(When(kpi__cadence=KpiCadence.WEEK, then=Value(7)), default=Value(1))
# The planned window has passed after this day; what could not be read by then is due, too.
OVER_ON = ExpressionWrapper(F("live_on") + STEP_DAYS * (F("roll_out") + F("planned")), output_field=DateField())


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One thing that waits, with the page on which it is dealt with."""

    text: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class QueuePart:
    """Things of one kind: the first of them, how many there are, and the words where none is."""

    key: str
    noun: str
    plural: str
    empty: str
    rows: tuple[QueueRow, ...]
    count: int

    @property
    def title(self) -> str:
        """``Three claims without an answer``."""
        return sentence(in_words(self.count, self.noun, self.plural)) if self.count else self.empty

    @property
    def more(self) -> str:
        """How many are not shown."""
        left = self.count - len(self.rows)
        return f"And {left:,} more." if left else ""


@dataclass(frozen=True, slots=True)
class LeadQueue:
    """What waits for one lead, in four parts."""

    teams: tuple[str, ...]
    quarter: str
    parts: tuple[QueuePart, ...]

    @property
    def count(self) -> int:
        """How many things wait."""
        return sum(part.count for part in self.parts)

    @property
    def verdict(self) -> str:
        """One sentence for the page's head and the weekly letter."""
        waiting = [counted(part.count, part.noun, part.plural) for part in self.parts if part.count]
        if not waiting:
            return "Nothing waits for you."
        return (
            f"{sentence(in_words(self.count, 'thing'))} {'waits' if self.count == 1 else 'wait'}: {', '.join(waiting)}."
        )


def is_lead(user: Actor, *, day: date) -> bool:
    """Whether the person leads any team, and so has a queue. Administrators assess and decide nothing, so they have none."""
    if administers(user):
        return False
    return teams_of(user, day=day, roles=(Membership.Role.LEAD,)).exists()


def lead_queue(user: Actor, *, now: datetime) -> LeadQueue:
    """The reader's queue. Six statements, however much waits."""
    day = now.date()
    teams = teams_of(user, day=day, roles=(Membership.Role.LEAD,))
    led = led_products(user, day=day)
    return LeadQueue(
        teams=tuple(teams.order_by("name").values_list("name", flat=True)),
        quarter=quarter_of(day).text,
        parts=(
            _to_assess(user, led, day),
            _claims(user, led, teams),
            _effects(user, led, day),
            _kpis(user, led, day),
        ),
    )


def _to_assess(user: Actor, led: QuerySet[Product], day: date) -> QueuePart:
    quarter = quarter_of(day)
    done = visible_assessments(user, day=day).filter(quarter=quarter.start).values("product")
    mine = assessable_products(user, day=day, quarter=quarter).filter(pk=OuterRef("pk"))
    waiting = led.filter(type=ProductType.INTERNAL).exclude(pk__in=done).annotate(mine=Exists(mine)).order_by("name")
    found = waiting.annotate(total=ALL_OF_THEM).values_list("slug", "name", "mine", "total")[:MOST_ROWS]
    rows = [(_assessing(name, slug, quarter, own), total) for slug, name, own, total in found]
    return _part(
        "assess", ("internal product without an assessment this quarter", "internal products without an assessment this quarter"),
        "Every internal product of yours is assessed this quarter", rows,
    )  # fmt: skip


def _assessing(name: str, slug: str, quarter: Quarter, mine: bool) -> QueueRow:
    """A product to assess; where the reader may not, who does, and the page that he may read."""
    missing = f"no assessment of the {quarter.text}"
    if mine:
        return QueueRow(name, missing, reverse("assess_quarter", args=[slug, quarter.name]))
    why = "you are or were its PM in it, so another lead of the team assesses it"
    return QueueRow(name, f"{missing}; {why}", reverse("assessments", args=[slug]))


def _claims(user: Actor, led: QuerySet[Product], teams: QuerySet[Team, Any]) -> QueuePart:
    open_ones = (EnablementState.CLAIMED, EnablementState.EXPIRED)
    mine = Q(upstream_product__in=led.values("pk")) | Q(downstream_product__in=led.values("pk"))
    rows = (
        visible_enablements(user)
        .filter(mine | Q(downstream_team__in=teams.values("pk")), state__in=open_ones)
        .order_by("made_at")
    )
    shown = [row_of(row) for row in named(rows)[:MOST_ROWS]]
    return QueuePart(
        "claims", "claim without an answer", "claims without an answer", "Every claim of help has an answer",
        tuple(
            QueueRow(f"{row.helper} for {row.work}", f"{row.state_text.lower()} · {row.who} · {row.when}", reverse("enablement", args=[row.number]))
            for row in shown
        ),
        rows.count(),
    )  # fmt: skip


def _effects(user: Actor, led: QuerySet[Product], day: date) -> QueuePart:
    """Readings of releases whose window is over and about which nobody decided what becomes of them."""
    decided = ReleaseDecision.objects.filter(release=OuterRef("release"))
    rows = (
        visible_estimates(user)
        .filter(
            ~Exists(decided), release__product__in=led.values("pk"), release__state=Release.State.LIVE,
            is_preferred=True, live_on__gt=day - DECIDED_WITHIN,
        )
        .exclude(word__in=NOT_DUE)
        .annotate(over_on=OVER_ON).filter(over_on__lte=day).annotate(total=ALL_OF_THEM)
        .select_related("kpi", "release").defer("picture").order_by("live_on", "pk")
    )  # fmt: skip
    return _part(
        "effects", ("effect to decide about", "effects to decide about"), "Nobody waits for a decision about a release",
        [
            (
                QueueRow(
                    f"{row.kpi.name} after {row.release.title}",
                    f"{(row.words or row.get_word_display()).lower()} · live since {short_day(row.live_on)}",
                    f"{reverse('release', args=[row.release_id])}?kpi={row.kpi.slug}",
                ),
                row.total,
            )
            for row in rows[:MOST_ROWS]
        ],
    )  # fmt: skip


def _kpis(user: Actor, led: QuerySet[Product], day: date) -> QueuePart:
    readings = Reading.objects.filter(product=OuterRef("product"), kpi=OuterRef("pk"))
    silent = (
        visible_kpis(user)
        .filter(~Exists(readings.filter(day__gt=day - NO_READING_FOR)), product__in=led.values("pk"))
        .annotate(total=ALL_OF_THEM, last=Subquery(readings.order_by("-day").values("day")[:1]))
        .select_related("product").order_by("product__name", "name")
    )  # fmt: skip
    rows = [
        (
            QueueRow(
                f"{kpi.name} of {kpi.product.name}",
                f"last reading {short_day(kpi.last)}" if kpi.last else "never read",
                reverse("kpi", args=[kpi.slug]),
            ),
            kpi.total,
        )
        for kpi in silent[:MOST_ROWS]
    ]
    return _part(
        "kpis", ("KPI without readings in four weeks", "KPIs without readings in four weeks"),
        "Every KPI of your products was read in the last four weeks", rows,
    )  # fmt: skip


def _part(key: str, nouns: tuple[str, str], empty: str, rows: Sequence[tuple[QueueRow, int]]) -> QueuePart:
    """A part of the first rows, each with how many there are in all."""
    return QueuePart(key, *nouns, empty, tuple(row for row, _ in rows), rows[0][1] if rows else 0)
