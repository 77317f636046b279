"""Enablements as rows: the same columns on every page, drawn on one axis of working days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from metrics.access import visible_enablements
from metrics.catalog.enabling_words import days_words, plain
from metrics.models import BACKED, MOST_DAYS, AnswerLink, Enablement, EnablementState
from metrics.queries.enabling_names import helper_short, owner_name, work_name
from metrics.queries.words import short_day
from products.access import Actor
from products.catalog.words import counted, in_words, listed
from products.models import Release

MOST_ROWS = 50
NAMED = (
    "upstream_product", "upstream_release", "feature", "downstream_product", "downstream_team", "claimed_by",
    "thanked_by", "asked", "answered_by",
)  # fmt: skip
GRADES = {
    EnablementState.MEASURED: "measured",
    EnablementState.CONFIRMED: "confirmed",
    EnablementState.ADJUSTED: "confirmed",
    EnablementState.CLAIMED: "claimed",
}
ORDER = {
    state: place for place, state in enumerate(("measured", "confirmed", "adjusted", "claimed", "disputed", "expired"))
}
NOT_SIZED = {"enabled": "not possible before", "unblocked": "no range given", "accelerated": "no range given"}


@dataclass(frozen=True, slots=True)
class Span:
    """Working days as said, for the mark: low, middle, high."""

    low: float
    middle: float
    high: float
    label: str


@dataclass(frozen=True, slots=True)
class EnablementRow:
    """One enablement. ``grade`` is measured, confirmed or claimed, "" where it counts as none of them; ``who`` says so.

    ``live_text`` is the helping release's day, ``is_gone`` says that it was rolled back since.
    """

    number: int
    key: str
    helper: str
    product: str
    slug: str
    type: str
    release: int | None
    is_gone: bool
    live_text: str
    work: str
    owner: str
    owner_slug: str
    owner_type: str
    feature: int | None
    kind: str
    span: Span | None
    saved: str
    saved_more: str
    missing: str
    grade: str
    state: str
    state_text: str
    who: str
    when: str

    @property
    def mark(self) -> str:
        """The look of its span: backed, hollow while it is claimed only, grey where it counts for nothing."""
        return {"measured": "better", "confirmed": "better", "claimed": "early"}.get(self.grade, "unsure")


@dataclass(frozen=True, slots=True)
class EnablementTable:
    """Rows with their common axis and a finding as title; ``more`` counts those that are not shown."""

    rows: tuple[EnablementRow, ...]
    title: str
    more: int = 0

    @property
    def domain(self) -> tuple[float, float]:
        """The axis: from 0 to the next ten of the largest span."""
        largest = max((row.span.high for row in self.rows if row.span), default=0)
        return (0.0, float(min(MOST_DAYS, max(10, -(-largest // 10) * 10))))

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """0, the middle and the end of the axis."""
        end = self.domain[1]
        return ((0.0, "0"), (end / 2, f"{end / 2:g}"), (end, f"{end:g} d"))


def named(rows: QuerySet[Enablement]) -> QuerySet[Enablement]:
    """With all names that a row shows. No more statements."""
    return rows.select_related(*NAMED)


def row_of(row: Enablement) -> EnablementRow:
    """One enablement as a row."""
    return EnablementRow(
        number=row.pk,
        key=row.key,
        helper=helper_short(row),
        product=row.upstream_product.name,
        slug=row.upstream_product.slug,
        type=row.upstream_product.type,
        release=row.upstream_release_id,
        is_gone=_is_gone(row.upstream_release),
        live_text=_live_text(row),
        work=work_name(row),
        owner=owner_name(row),
        owner_slug=row.downstream_product.slug if row.downstream_product else "",
        owner_type=row.downstream_product.type if row.downstream_product else "",
        feature=row.feature_id,
        kind=row.kind,
        span=_span(row),
        saved=_saved(row),
        saved_more=_range(row),
        missing="" if row.days_low is not None else NOT_SIZED[row.kind],
        grade=GRADES.get(EnablementState(row.state), ""),
        state=row.state,
        state_text=str(row.get_state_display()),
        who=_who(row),
        when=short_day((row.answered_at or row.made_at).date()),
    )


def table_of(rows: Iterable[Enablement], title: str = "", more: int = 0) -> EnablementTable:
    """Rows by how well they are backed, then by size; the title counts unless one is told."""
    held = sorted(rows, key=lambda one: (ORDER.get(one.state, 9), -(one.days_high or 0), one.pk))
    shown = tuple(row_of(one) for one in held)
    return EnablementTable(shown, title or _title(shown, more), more)


def given_by(user: Actor, product: int) -> EnablementTable:
    """What a product's releases did for the work of others. Two statements."""
    return _of(visible_enablements(user).filter(upstream_product=product))


def had_by(user: Actor, product: int) -> EnablementTable:
    """What others' work did for a product. Two statements."""
    return _of(visible_enablements(user).filter(downstream_product=product))


def given_by_release(user: Actor, release: int) -> EnablementTable:
    """What one release did for the work of others. Two statements."""
    return _of(visible_enablements(user).filter(upstream_release=release))


def had_by_features(user: Actor, features: Sequence[int]) -> EnablementTable:
    """What others' work did for these features. Two statements, none without features."""
    return _of(visible_enablements(user).filter(feature__in=features)) if features else EnablementTable((), "")


def verdict_of(product: str, table: EnablementTable) -> str:
    """What the enablements amount to, in a sentence: only what is backed is told as a fact."""
    backed = [row for row in table.rows if row.grade in {"measured", "confirmed"}]
    if not backed:
        waiting = sum(row.grade == "claimed" for row in table.rows)
        return f"{in_words(waiting, 'claim').capitalize()}, none confirmed yet." if waiting else ""
    by_kind = {
        kind: [row.work for row in backed if row.kind == kind] for kind in ("enabled", "unblocked", "accelerated")
    }
    parts = [
        f"made {listed(by_kind['enabled'])} possible" * bool(by_kind["enabled"]),
        f"unblocked {_pieces(by_kind['unblocked'])}" * bool(by_kind["unblocked"]),
        f"sped up {_pieces(by_kind['accelerated'])}" * bool(by_kind["accelerated"]),
    ]
    open_ = [row for row in table.rows if row.grade == "claimed"]
    rest = f"; {counted(len(open_), 'more claim waits', 'more claims wait')} for an answer" if open_ else ""
    return f"{product} {listed([part for part in parts if part])}{rest}."


def _pieces(works: Sequence[str]) -> str:
    return listed(works) if len(works) < 3 else in_words(len(works), "piece of work", "pieces of work")


def _of(rows: QuerySet[Enablement]) -> EnablementTable:
    standing = rows.exclude(state=EnablementState.WITHDRAWN)
    held = list(named(standing).order_by("-pk")[:MOST_ROWS])
    total = standing.count() if len(held) == MOST_ROWS else len(held)
    return table_of(held, more=total - len(held))


def _title(rows: Sequence[EnablementRow], more: int) -> str:
    backed = sum(row.grade in {"measured", "confirmed"} for row in rows)
    of = f"the newest {len(rows)}" if more else str(len(rows))
    return (
        f"{backed} of {of} {'is' if backed == 1 else 'are'} confirmed or measured" if rows else "Nothing is known yet"
    )


def _span(row: Enablement) -> Span | None:
    if row.days_low is None or row.days_high is None:
        return None
    low, high = float(row.days_low), float(row.days_high)
    return Span(low, (low + high) / 2, high, f"{days_words(row.days_low, row.days_high)} saved")


def _saved(row: Enablement) -> str:
    if row.days_low is None or row.days_high is None:
        return "new" if row.kind == "enabled" else "not sized"
    middle = (row.days_low + row.days_high) / 2
    return f"{plain(middle)} {'day' if middle == 1 else 'days'}"


def _range(row: Enablement) -> str:
    if row.days_low is None or row.days_high is None or row.days_low == row.days_high:
        return ""
    return f"{plain(row.days_low)} to {plain(row.days_high)}"


def _who(row: Enablement) -> str:
    """Who says so, or who is asked."""
    if row.state in BACKED and row.thanked_by_id and row.answered_by_id == row.thanked_by_id:
        return f"{row.answered_by} said thanks"
    if row.answered_by is not None:
        return f"{row.answered_by} {'says no' if row.state == EnablementState.DISPUTED else 'says so'}"
    if row.asked is not None:
        return f"{row.asked} is asked"
    return "nobody is asked"


def _is_gone(release: Release | None) -> bool:
    return release is not None and release.state == Release.State.ROLLED_BACK


def _live_text(row: Enablement) -> str:
    """The day on which the helping release went live, on its product's clock."""
    release = row.upstream_release
    if release is None or release.live_at is None:
        return ""
    live = short_day(release.live_at.astimezone(ZoneInfo(row.upstream_product.time_zone)).date())
    return f"{live}, rolled back since" if _is_gone(release) else live


def row_by_link(link: AnswerLink) -> Enablement:
    """What a link asks about, with its names: whoever holds the link may see this one."""
    return named(Enablement.objects.all()).get(pk=link.enablement_id)
