"""What a product's work did downstream, as a picture and as the same links in words; above eight links grouped by kind."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from metrics.charts.downstream import Came as Drawn
from metrics.charts.downstream import DownstreamPicture, Link, Node
from metrics.models import EnablementKind
from metrics.queries.credits_shares import Came
from metrics.queries.effects import ORDER, Effect
from metrics.queries.enablement_rows import EnablementRow, EnablementTable
from metrics.stats.split import ASSUMED_DAYS
from products.catalog.words import counted, listed

MOST_LINKS, MOST_EFFECTS = 8, 2
GRADES = ("measured", "confirmed", "claimed")
BACKED = {"measured", "confirmed"}
HELP = "#en-given"
WORDS = "Own releases on the left, how each helped, the work of others in the middle, and measured effects on customers on the right. The table below has the same links."
NOTHING = {"": "no customer effect measured yet", "claimed": "shown once it is confirmed"}


def downstream(product: str, table: EnablementTable, came: Mapping[int, Came]) -> DownstreamPicture:
    """The graph of what counts or may come to count: what was disputed, not answered or rolled back stands in the table only."""
    rows = [row for row in table.rows if row.grade and not row.is_gone]
    title = f"Downstream graph: what others built with {product}, and what came back from customers"
    if len(rows) > MOST_LINKS:
        return DownstreamPicture(tuple(_grouped(product, rows, came)), title, WORDS, is_grouped=True)
    order = list(dict.fromkeys((row.release or 0, row.helper) for row in rows))
    rows.sort(key=lambda row: order.index((row.release or 0, row.helper)))
    return DownstreamPicture(tuple(_link(row, came[row.number]) for row in rows), title, WORDS)


def _link(row: EnablementRow, came: Came) -> Link:
    return Link(
        own=Node(
            row.helper,
            row.live_text if row.release else "no release named",
            f"/releases/R-{row.release}/" if row.release else "",
        ),
        kind=row.kind,
        word=EnablementKind(row.kind).label,
        more=_days(row),
        grades=(row.grade,),
        work=Node(row.work, row.owner, f"/enablements/{row.key}/"),
        came=_came(row, came),
    )


def _days(row: EnablementRow) -> str:
    """``13 days (8 to 20)``; ``9 days assumed`` where the split assumes what nobody said."""
    if row.span is None and row.kind == EnablementKind.ENABLED:
        return f"{ASSUMED_DAYS:g} days assumed" if row.grade in BACKED else ""
    if row.span is None:
        return "not sized" if row.kind == EnablementKind.ACCELERATED else ""
    return f"{row.saved} ({row.saved_more})" if row.saved_more else row.saved


def _came(row: EnablementRow, came: Came) -> tuple[Drawn, ...]:
    if row.grade not in BACKED:
        return (Drawn(NOTHING["claimed"], ""),)
    effects = sorted((one.effect for one in came.outcomes), key=lambda effect: not effect.is_shown)
    if not effects and came.handed:
        one = came.handed[0]
        return (Drawn(one.kpi_name, f"handed down to {one.title} by what it helped", "unsure", figure=one.text),)
    if not effects:
        return (Drawn(NOTHING[""], ""),)
    shown = [_drawn(effect) for effect in effects[:MOST_EFFECTS]]
    rest = len(effects) - MOST_EFFECTS
    return (*shown, *([Drawn(f"and {counted(rest, 'more effect')}, in the table", "")] if rest > 0 else []))


def _drawn(effect: Effect) -> Drawn:
    href = f"/releases/{effect.release}/?kpi={effect.kpi}"
    words = effect.short_words.lower()
    if not effect.is_shown:
        return Drawn(effect.kpi_name, words, "unsure", href)
    look = "struck" if effect.kind == "withdrawn" else effect.kind
    return Drawn(effect.kpi_name, f"{words} ({effect.range_text})", look, href, effect.change_text)


def _grouped(product: str, rows: Sequence[EnablementRow], came: Mapping[int, Came]) -> Iterable[Link]:
    for kind in EnablementKind:
        held = [row for row in rows if row.kind == kind]
        if not held:
            continue
        grades = Counter(row.grade for row in held)
        releases = len({row.release for row in held if row.release})
        works, owners = len({(row.owner, row.work) for row in held}), len({row.owner for row in held})
        told = [f"{grades[grade]} {grade}" for grade in GRADES if grades[grade]]
        yield Link(
            own=Node(product, counted(releases, "release"), HELP),
            kind=kind.value,
            word=kind.label,
            more=f"{len(held)} times" if len(held) > 1 else "once",
            below=", ".join(told),
            grades=tuple(grade for grade in GRADES if grades[grade]),
            work=Node(
                f"{works} {'piece' if works == 1 else 'pieces'} of work",
                f"of {counted(owners, 'product or team', 'products and teams')}",
                HELP,
            ),
            came=(_counts(held, came),),
        )


def _counts(rows: Iterable[EnablementRow], came: Mapping[int, Came]) -> Drawn:
    """How many effects there are and what their verdicts are, each effect once."""
    effects = {
        (one.effect.release, one.effect.kpi): one.effect
        for row in rows
        if row.grade in BACKED
        for one in came[row.number].outcomes
    }
    if not effects:
        return Drawn(NOTHING[""], "")
    words = Counter((ORDER.index(one.kind), one.short_words.lower()) for one in effects.values())
    told = listed([f"{count} {word}" for (_, word), count in sorted(words.items())])
    return Drawn(counted(len(effects), "effect") + " of that work", told, "unsure", HELP)
