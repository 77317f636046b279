"""The cycle board: what was heard, diagnosed, is built, released and measured, product by product, and what each item waits for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.access import workable_products
from feedback.queries.board_rows import BoardRow, open_questions, placed_rows, talks, voices_behind
from feedback.queries.usual import Usual, age_days, is_stuck, usual_days
from products.access import Actor, visible_products, writable_products
from products.models import Product

COLUMNS = ("heard", "diagnosed", "building", "released", "measured")
COLUMN_WORDS = {
    "heard": "Feedback",
    "diagnosed": "Diagnosed",
    "building": "Building",
    "released": "Released",
    "measured": "Measured",
}
EMPTY_WORDS = {
    "heard": "Nothing waits to be diagnosed.",
    "diagnosed": "Nothing waits to be built.",
    "building": "Nothing is being built.",
    "released": "Nothing waits for its figures.",
    "measured": "Nothing measured in the last 180 days.",
}
LANES, CARDS = 12, 5
SHOWN_FOR = timedelta(days=180)
# Where a feature goes from each stage on the board: one step on, one step back. Parking asks for a reason on its page.
STEPS = {"diagnosed": ("", "building"), "building": ("diagnosed", "released"), "released": ("building", "")}


@dataclass(frozen=True, slots=True)
class Card:
    """One item: an entry (FB), a diagnosis without a feature (D) or a feature (W). ``back`` and ``on`` are stages, "" for none."""

    kind: str
    number: int
    key: str
    title: str
    age_text: str
    age_words: str
    is_stuck: bool
    voices: int
    waits_for: str
    revision: int
    back: str
    on: str
    may_move: bool

    @property
    def back_word(self) -> str:
        """The column one step back."""
        return COLUMN_WORDS.get(self.back, "")

    @property
    def on_word(self) -> str:
        """The column one step on."""
        return COLUMN_WORDS.get(self.on, "")


@dataclass(frozen=True, slots=True)
class Cell:
    """The items of a product in one column; ``more`` are not shown."""

    column: str
    word: str
    cards: tuple[Card, ...]
    total: int
    stuck: int
    usual_text: str
    empty: str

    @property
    def more(self) -> int:
        """How many there are besides those shown."""
        return self.total - len(self.cards)


@dataclass(frozen=True, slots=True)
class Lane:
    """One product's items."""

    name: str
    slug: str
    type: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A page of lanes, external products first; ``stuck`` counts the stuck items of all lanes of the page."""

    lanes: tuple[Lane, ...]
    totals: tuple[tuple[str, int], ...]
    stuck: int
    has_more: bool


def board(user: Actor, products: Iterable[int], *, page: int, now: datetime) -> Board:
    """The lanes of ``products`` (ids), a page at a time. Eight statements, whatever their number."""
    rows = visible_products(user).filter(pk__in=list(products)).order_by("type", "name", "pk")
    wanted = list(rows[LANES * (page - 1) : LANES * page + 1])
    shown, ids = wanted[:LANES], [product.pk for product in wanted[:LANES]]
    usual = usual_days(ids, now=now)
    placed = placed_rows(ids, since=now - SHOWN_FOR, now=now, most=CARDS)
    context = _Context(
        now=now,
        usual=usual,
        voices=voices_behind(placed),
        questions=open_questions(placed),
        talks=talks(placed),
        works_on=frozenset(workable_products(user, day=now.date()).values_list("pk", flat=True)),
        writes=frozenset(writable_products(user, day=now.date()).values_list("pk", flat=True)),
    )
    lanes = tuple(_lane(product, placed, context) for product in shown)
    totals = tuple(
        (COLUMN_WORDS[column], sum(cell.total for lane in lanes for cell in lane.cells if cell.column == column))
        for column in COLUMNS
    )
    stuck = sum(cell.stuck for lane in lanes for cell in lane.cells)
    return Board(lanes, totals, stuck, len(wanted) > LANES)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the cards of a page are made with."""

    now: datetime
    usual: Mapping[tuple[int, str], Usual]
    voices: Mapping[tuple[str, int], int]
    questions: Mapping[int, str]
    talks: Mapping[tuple[str, int], str]
    works_on: frozenset[int]
    writes: frozenset[int]


def _lane(product: Product, placed: Sequence[BoardRow], context: _Context) -> Lane:
    own = [row for row in placed if row.product == product.pk]
    return Lane(
        product.name,
        product.slug,
        product.type,
        tuple(_cell(product, column, [row for row in own if row.column == column], context) for column in COLUMNS),
    )


def _cell(product: Product, column: str, rows: Sequence[BoardRow], context: _Context) -> Cell:
    normal = context.usual.get((product.pk, column))
    cards = tuple(_card(product, row, normal, context) for row in rows)
    return Cell(
        column=column,
        word=COLUMN_WORDS[column],
        cards=cards,
        total=rows[0].total if rows else 0,
        stuck=sum(card.is_stuck for card in cards),
        usual_text=f"usual {normal.median:.0f} d, n {normal.n}" if normal else "no usual yet",
        empty=EMPTY_WORDS[column],
    )


def _card(product: Product, row: BoardRow, normal: Usual | None, context: _Context) -> Card:
    age = age_days(row.since, context.now, product.time_zone)
    waits = row.column in ("heard", "diagnosed", "building")
    stuck = waits and is_stuck(age, normal.median if normal else None, product.type)
    against = f" / {normal.median:.0f}" if normal and row.column != "measured" else ""
    usual = f", usual {normal.median:.0f} days" if normal and row.column != "measured" else ""
    back, on = STEPS.get(row.column, ("", "")) if row.kind == "W" else ("", "")
    return Card(
        kind=row.kind,
        number=row.number,
        key=f"{row.kind}-{row.number}",
        title=row.title,
        age_text=f"{age} d{against}",
        age_words=f"{COLUMN_WORDS[row.column]} for {age} days{usual}{', stuck' if stuck else ''}",
        is_stuck=stuck,
        voices=context.voices.get((row.kind, row.number), 0),
        waits_for=_waits_for(row, context),
        revision=row.revision,
        back=back,
        on=on,
        may_move=product.pk in (context.writes if row.kind == "W" else context.works_on),
    )


def _waits_for(row: BoardRow, context: _Context) -> str:
    """What must happen next, in a few words; "" where nothing is waited for."""
    if asked := context.questions.get(row.number) if row.kind == "W" else None:
        return f"an answer from {asked}"
    if talk := context.talks.get((row.kind, row.number)):
        return talk
    if row.kind == "FB":
        return "a diagnosis" if not row.linked else "the end of its diagnosis"
    if row.kind == "D":
        return "a decision" if not row.linked else "a feature"
    if row.column == "diagnosed":
        return "a build slot" if row.linked else "a diagnosis, or a lead's waiver"
    return "figures" if row.column == "released" else ""
