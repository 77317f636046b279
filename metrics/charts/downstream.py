"""The downstream graph: own release, how it helped, the work of others, and what customers did. Read row by row, as the table is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.scales import short

WIDTH, HEAD = 1130, 26
OWN_WIDTH, WORK_WIDTH, BOX, PILL = 200, 232, 38, 34
KIND_AT, WORK_AT, CAME_AT = 332, 604.5, 876
ROW, LINE = 56, 30
LETTER, SMALL = 6.4, 5.3
LANES = ((0, "Own release"), (KIND_AT, "How it helped"), (606, "Work of others"), (CAME_AT, "What customers did"))


@dataclass(frozen=True, slots=True)
class Node:
    """A box with two lines; ``href`` is where it leads, "" where nowhere."""

    title: str
    more: str
    href: str


@dataclass(frozen=True, slots=True)
class Came:
    """What customers did, in two lines; ``look`` is a verdict's class or "" for words without a figure.

    ``figure`` stands behind the text and is never cut off, however long the text is.
    """

    text: str
    more: str
    look: str = ""
    href: str = ""
    figure: str = ""

    @property
    def told(self) -> str:
        """The first line in full."""
        return f"{self.text} {self.figure}".strip()


@dataclass(frozen=True, slots=True)
class Link:
    """One row: ``grades`` has a line for each of measured, confirmed and claimed that it stands for; ``below`` counts them."""

    own: Node
    kind: str
    word: str
    more: str
    grades: tuple[str, ...]
    work: Node
    came: tuple[Came, ...]
    below: str = ""

    @property
    def height(self) -> int:
        """Room for its effects, two lines each."""
        return ROW + LINE * (max(len(self.came), 1) - 1)


@dataclass(frozen=True, slots=True)
class DownstreamPicture:
    """Links in order; those of one own release stand together. ``title`` and ``words`` are for those who do not see it."""

    links: tuple[Link, ...]
    title: str
    words: str
    is_grouped: bool = False


def downstream_graph(picture: DownstreamPicture, signs: Mapping[str, str]) -> SafeString:
    """The graph at full width; ``signs`` are the drawings of the kinds, in a box of 14 by 14. Nothing without links."""
    if not picture.links:
        return mark_safe("")
    middles, top = [], 4.0
    for link in picture.links:
        middles.append(top + link.height / 2)
        top += link.height
    starts = _starts(picture.links, middles)
    rows = [_row(*one, signs) for one in zip(picture.links, middles, starts, strict=True)]
    return format_html(
        '<svg class="chart flow" viewBox="0 -{} {} {}" role="group" aria-labelledby="flow-t" aria-describedby="flow-d">'
        '<title id="flow-t">{}</title><desc id="flow-d">{}</desc>{}{}{}</svg>',
        HEAD,
        WIDTH,
        short(top + HEAD),
        picture.title,
        picture.words,
        format_html_join("", '<text class="lane" x="{}" y="-8">{}</text>', LANES),
        _join(_curves(link, y, start) for link, y, (start, _) in zip(picture.links, middles, starts, strict=True)),
        _join(rows),
    )


def _starts(links: Sequence[Link], middles: Sequence[float]) -> list[tuple[float, float | None]]:
    """Where each line leaves its own release's box, and with the box's first link the middle of the box."""
    places: dict[Node, list[float]] = {}
    for link, middle in zip(links, middles, strict=True):
        places.setdefault(link.own, []).append(middle)
    found: list[tuple[float, float | None]] = []
    seen: dict[Node, int] = {}
    for link in links:
        held = places[link.own]
        number = seen.get(link.own, 0)
        seen[link.own] = number + 1
        middle = sum(held) / len(held)
        spread = min(7.0, (BOX - 8) / len(held))
        start = middle + spread * (number - (len(held) - 1) / 2)
        found.append((start, middle if number == 0 else None))
    return found


def _row(link: Link, y: float, start: tuple[float, float | None], signs: Mapping[str, str]) -> SafeString:
    own = _own(link.own, start[1]) if start[1] is not None else mark_safe("")
    return format_html("<g>{}{}{}{}</g>", own, _kind(link, y, signs), _work(link.work, y), _effects(link.came, y))


def _curves(link: Link, y: float, start: float) -> SafeString:
    """A line for each grade, thick, thin or dashed, side by side."""
    return _join(_curve(grade, y + step, start + step) for grade, step in zip(link.grades, _steps(link), strict=True))


def _steps(link: Link) -> list[float]:
    return [5.0 * (number - (len(link.grades) - 1) / 2) for number in range(len(link.grades))]


def _curve(grade: str, y: float, start: float) -> SafeString:
    return format_html(
        '<path class="fl fl-{0}" d="M{1} {2}C264 {2} 264 {3} 324 {3}H596"/><path class="fl-a" d="M600 {3}l-7 -4v8z"/>',
        grade,
        OWN_WIDTH + 1,
        short(start),
        short(y),
    )


def _own(node: Node, y: float) -> SafeString:
    box = format_html(
        '<rect class="nd nd-i" x="0.5" y="{}" width="{}" height="{}" rx="4"/>', short(y - BOX / 2), OWN_WIDTH, BOX
    )
    return _linked(node, box + _lines(node, 12, y, OWN_WIDTH - 22))


def _work(node: Node, y: float) -> SafeString:
    box = format_html(
        '<rect class="nd nd-e" x="{}" y="{}" width="{}" height="{}" rx="17"/>',
        WORK_AT,
        short(y - PILL / 2),
        WORK_WIDTH,
        PILL,
    )
    return _linked(node, box + _lines(node, WORK_AT + 15.5, y, WORK_WIDTH - 30))


def _linked(node: Node, inside: SafeString) -> SafeString:
    if not node.href:
        return format_html("<g>{}</g>", inside)
    return format_html(
        '<a href="{}"><title>{}</title>{}</a>', node.href, ", ".join(filter(None, (node.title, node.more))), inside
    )


def _lines(node: Node, x: float, y: float, room: float) -> SafeString:
    if not node.more:
        return format_html(
            '<text class="nd-t" x="{}" y="{}">{}</text>', x, short(y + 4), _fit(node.title, room, LETTER)
        )
    return format_html(
        '<text class="nd-t" x="{0}" y="{1}">{2}</text><text class="nd-s" x="{0}" y="{3}">{4}</text>',
        x,
        short(y - 2),
        _fit(node.title, room, LETTER),
        short(y + 12),
        _fit(node.more, room, SMALL),
    )


def _kind(link: Link, y: float, signs: Mapping[str, str]) -> SafeString:
    """The kind with its days on a ground of its own, so that the lines seem to pass below; counts stand on a second line."""
    more = _fit(link.more, 240 - 8 * len(link.word), SMALL)
    below = _fit(link.below, 236, SMALL)
    steps = _steps(link)
    tall = max(20 + steps[-1] - steps[0], 34 if below else 0)
    wide = max(28 + 7.2 * len(link.word) + 6.4 * len(more), 28 + 6.2 * len(below) if below else 0)
    line = y - 8 if below else y
    ground = format_html(
        '<rect class="fl-bg" x="{}" y="{}" width="{}" height="{}" rx="3"/>',
        KIND_AT,
        short(y - tall / 2),
        short(min(wide, 258)),
        short(tall),
    )
    return format_html(
        '{}<svg class="fl-k" x="{}" y="{}" width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor"'
        ' stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{}"/></svg>'
        '<text class="fl-t" x="{x}" y="{}"><tspan class="fl-kind">{}</tspan> {}</text>{}',
        ground,
        KIND_AT + 3,
        short(line - 7),
        signs[link.kind],
        short(line + 4),
        link.word,
        more,
        format_html('<text class="nd-s" x="{}" y="{}">{}</text>', KIND_AT + 21, short(y + 12), below) if below else "",
        x=KIND_AT + 21,
    )


def _effects(came: Sequence[Came], y: float) -> SafeString:
    first = y - LINE * (len(came) - 1) / 2
    return _join(_effect(one, first + LINE * number) for number, one in enumerate(came))


def _effect(one: Came, y: float) -> SafeString:
    room = WIDTH - CAME_AT
    if not one.look:
        return format_html(
            '<text class="nd-s" x="{}" y="{}">{}</text>', CAME_AT, short(y + 4), _fit(one.text, room, SMALL)
        )
    words = format_html(
        '<text class="ef ef-{0}" x="{1}" y="{2}">{3}</text><text class="nd-s" x="{1}" y="{4}">{5}</text>',
        one.look,
        CAME_AT,
        short(y - 2),
        _named(one, room),
        short(y + 12),
        _fit(one.more, room, SMALL),
    )
    arrow = format_html('<path class="fb" d="M840 {0}H866"/><path class="fb-a" d="M870 {0}l-7 -4v8z"/>', short(y))
    if not one.href:
        return arrow + words
    return arrow + format_html('<a href="{}"><title>{}: {}</title>{}</a>', one.href, one.told, one.more, words)


def _named(one: Came, room: float) -> str:
    """The first line with its figure whole."""
    if not one.figure:
        return _fit(one.text, room, LETTER)
    return f"{_fit(one.text, room - LETTER * (len(one.figure) + 1), LETTER)} {one.figure}"


def _fit(text: str, room: float, letter: float) -> str:
    most = max(int(room / letter), 1)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _join(parts: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped already
