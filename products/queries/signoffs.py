"""Sign-offs as pages and the API show them: who was asked, what they decided, and how long it takes usually."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from products.access import Actor, is_known, leads_product, manageable_products
from products.catalog.words import day_on, listed, number_word, sentence, took
from products.models import CLEARED, AllyFunction, ProductType, Release, SignOff, SignOffDecision

LEAST_FOR_USUAL = 5
USUAL = """
SELECT function, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - requested_at))
FROM products_signoff
WHERE decision IN ('approved', 'conditions', 'rejected') AND decided_at > %(now)s - interval '12 months'
GROUP BY function
"""


@dataclass(frozen=True, slots=True)
class Usual:
    """A function's own median from asked to decided over twelve months; None before there are five."""

    seconds: float | None
    n: int

    @property
    def text(self) -> str:
        """``usual 6 d, n 12``; says so where there are too few."""
        if self.seconds is None:
            return f"no usual yet, n {self.n} of {LEAST_FOR_USUAL}"
        return f"usual {took(self.seconds)}, n {self.n}"


@dataclass(frozen=True, slots=True)
class SignOffRow:
    """One sign-off. ``seconds`` is how long it waited, until now where it is open."""

    number: int
    release: str
    release_number: int
    release_title: str
    product: str
    function: str
    function_text: str
    approver: str
    requested_by: str
    asked_at: datetime
    asked_text: str
    due_on: date
    due_text: str
    decision: str
    decision_text: str
    decided_at: datetime | None
    decided_text: str
    seconds: float
    usual: Usual
    words: str
    evidence_url: str
    is_overdue: bool
    is_newest: bool
    may_decide: bool
    may_waive: bool

    @property
    def waited_text(self) -> str:
        """``14 d, usual 6 d, n 12``."""
        return f"{took(self.seconds)}, {self.usual.text}"

    @property
    def is_clear(self) -> bool:
        """Whether it lets the release go live."""
        return self.decision in CLEARED


@dataclass(frozen=True, slots=True)
class SignOffs:
    """A release's sign-offs, the newest of each function first; ``breach`` says what it went live without, "" for nothing."""

    rows: tuple[SignOffRow, ...]
    breach: str
    may_request: bool

    @property
    def title(self) -> str:
        """What stands, as a finding."""
        newest = [row for row in self.rows if row.is_newest]
        if not newest:
            return "No sign-off is asked for"
        waiting = [row.function_text.lower() for row in newest if not row.is_clear]
        if not waiting:
            return "Every sign-off is there by now" if self.breach else "Every sign-off is there"
        clear = len(newest) - len(waiting)
        if not clear:
            return f"Not yet signed off by {listed(waiting)}"
        return f"{sentence(number_word(clear))} of {number_word(len(newest))} signed off, not yet by {listed(waiting)}"

    @property
    def squares(self) -> tuple[bool, ...]:
        """One for each function: whether it is clear."""
        return tuple(row.is_clear for row in self.rows if row.is_newest)


def visible_sign_offs(user: Actor) -> QuerySet[SignOff]:
    """Who signed off what is a product fact: open inside the company."""
    return SignOff.objects.all() if is_known(user) else SignOff.objects.none()


def sign_offs_of(user: Actor, release: Release, *, now: datetime) -> SignOffs | None:
    """The sign-offs of a release for customers, None for one for colleagues. A constant number of statements."""
    product = release.product
    if product.type != ProductType.EXTERNAL:
        return None
    found = visible_sign_offs(user).filter(release=release)
    rows = _rows(user, found, now=now, leads=leads_product(user, product, day=now.date()))
    may = manageable_products(user, day=now.date()).filter(pk=product.pk).exists()
    return SignOffs(rows, breach_text(found, release), may)


def waiting_for(user: Actor, *, now: datetime) -> tuple[SignOffRow, ...]:
    """What waits for the reader's decision, the soonest due first."""
    if not is_known(user):
        return ()
    return _rows(user, visible_sign_offs(user).filter(approver=user.pk, decision=""), now=now, order=("due_on", "pk"))


def usual_waits(*, now: datetime) -> Mapping[str, Usual]:
    """From asked to decided by function over all products. One statement; waivers are no decisions of the function."""
    with connection.cursor() as cursor:
        cursor.execute(USUAL, {"now": now})
        found = {function: (n, seconds) for function, n, seconds in cursor.fetchall()}
    return {
        function: Usual(float(seconds) if n >= LEAST_FOR_USUAL else None, n)
        for function in AllyFunction.values
        for n, seconds in [found.get(function, (0, 0.0))]
    }


def breach_text(found: QuerySet[SignOff], release: Release) -> str:
    """``Went live without legal’s sign-off`` where users had it before it was cleared, whoever said so; "" else."""
    first = release.exposures.order_by("exposed_at").values_list("exposed_at", flat=True).first()
    if first is None:
        return ""
    asked: dict[str, bool] = {}
    for row in found.order_by("pk"):
        cleared = row.decision in CLEARED and row.decided_at is not None and row.decided_at <= first
        asked[row.function] = asked.get(row.function, False) or cleared
    missing = [f"{AllyFunction(one).label.lower()}’s" for one, cleared in sorted(asked.items()) if not cleared]
    return f"Went live without {listed(missing, most=9)} sign-off" if missing else ""


def _rows(
    user: Actor,
    found: QuerySet[SignOff],
    *,
    now: datetime,
    leads: bool = False,
    order: Sequence[str] = ("function", "-pk"),
) -> tuple[SignOffRow, ...]:
    usual = usual_waits(now=now)
    related = ("release__product", "approver", "requested_by", "decided_by")
    rows: list[SignOffRow] = []
    seen: set[tuple[int, str]] = set()
    for row in found.select_related(*related).order_by(*order):
        key = row.release_id, row.function
        rows.append(_row(user, row, usual[row.function], now, leads=leads, newest=key not in seen))
        seen.add(key)
    return tuple(rows)


def _row(user: Actor, row: SignOff, usual: Usual, now: datetime, *, leads: bool, newest: bool) -> SignOffRow:
    release, zone = row.release, ZoneInfo(row.release.product.time_zone)
    is_open = row.decision == SignOffDecision.OPEN
    decided = f"{row.decided_by}, {day_on(row.decided_at, zone)}" if row.decided_at else ""
    return SignOffRow(
        number=row.pk,
        release=release.key,
        release_number=release.pk,
        release_title=release.title,
        product=release.product.name,
        function=row.function,
        function_text=str(AllyFunction(row.function).label),
        approver=row.approver.name if row.approver else "",
        requested_by=row.requested_by.name if row.requested_by else "",
        asked_at=row.requested_at,
        asked_text=day_on(row.requested_at, zone),
        due_on=row.due_on,
        due_text=f"{row.due_on.day} {row.due_on:%b %Y}",
        decision=row.decision,
        decision_text=str(SignOffDecision(row.decision).label),
        decided_at=row.decided_at,
        decided_text=decided,
        seconds=max(((row.decided_at or now) - row.requested_at).total_seconds(), 0.0),
        usual=usual,
        words=row.words,
        evidence_url=row.evidence_url,
        is_overdue=is_open and now.astimezone(zone).date() > row.due_on,
        is_newest=newest,
        may_decide=is_open and row.approver_id == getattr(user, "pk", None),
        may_waive=is_open and leads,
    )
