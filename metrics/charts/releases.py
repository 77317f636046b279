"""Release markers above a chart: names on two rows where few releases went live, counts where many did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.scales import Scale, short

LABEL_ROW, LABEL_ROWS, MOST_NAMES = 17, 2, 6
LETTER_WIDTH = 6.4
# Closer than this, in pixels, two lines read as one.
CROWDED = 20


@dataclass(frozen=True, slots=True)
class Marker:
    """A release on the day it went live. ``is_own``: the one that the page is about, drawn bold and always named."""

    day: date
    label: str
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Words above the markers: their centre in pixels, their row (0 is nearest to the chart)."""

    text: str
    centre: float
    row: int
    is_own: bool = False

    @property
    def span(self) -> tuple[float, float]:
        """Where the words start and end, in pixels."""
        half = len(self.text) * LETTER_WIDTH / 2
        return self.centre - half, self.centre + half


@dataclass(frozen=True, slots=True)
class Flags:
    """The markers inside a chart's days, oldest first, and the words above them."""

    places: tuple[tuple[float, Marker], ...] = ()
    labels: tuple[Label, ...] = ()

    @property
    def height(self) -> int:
        """What the words need above the chart, in pixels."""
        return LABEL_ROW * (max((label.row for label in self.labels), default=-1) + 1)


def place_flags(markers: Iterable[Marker], x: Scale, *, width: int, has_words: bool) -> Flags:
    """Place the markers on the days of ``x``. Up to six carry their names, as far as two rows have room for them;
    of more, those that stand in a crowd share the number of releases in it. The page's own is named before all."""
    inside = sorted((m for m in markers if x.lo <= m.day.toordinal() <= x.hi), key=lambda marker: marker.day)
    places = tuple((x(marker.day.toordinal()), marker) for marker in inside)
    if not has_words:
        return Flags(places)
    return Flags(places, _names(places, width) if len(places) <= MOST_NAMES else _counts(places, width))


def _names(places: Sequence[tuple[float, Marker]], width: int) -> tuple[Label, ...]:
    labels: list[Label] = []
    for place, marker in sorted(places, key=lambda one: not one[1].is_own):
        half = len(marker.label) * LETTER_WIDTH / 2
        centre = max(half, min(place, width - half))
        if label := _with_room(marker.label, centre, labels, is_own=marker.is_own):
            labels.append(label)
    return tuple(labels)


def _with_room(text: str, centre: float, placed: Sequence[Label], *, is_own: bool = False) -> Label | None:
    """The words in the lowest row where they touch no others, or None where both are taken."""
    for row in range(LABEL_ROWS):
        label = Label(text, centre, row, is_own)
        start, end = label.span
        if not any(other.row == row and start < other.span[1] + 8 and end > other.span[0] - 8 for other in placed):
            return label
    return None


def _counts(places: Sequence[tuple[float, Marker]], width: int) -> tuple[Label, ...]:
    labels = list(_names([one for one in places if one[1].is_own], width))
    crowds: list[list[float]] = []
    for place, marker in places:
        if marker.is_own:
            continue
        if crowds and place - crowds[-1][-1] < CROWDED:
            crowds[-1].append(place)
        else:
            crowds.append([place])
    for crowd in crowds:
        if len(crowd) > 1 and (label := _with_room(str(len(crowd)), (crowd[0] + crowd[-1]) / 2, labels)):
            labels.append(label)
    return tuple(labels)


def draw_flags(flags: Flags, *, top: float, bottom: float) -> SafeString:
    """Lines with their triangles from ``top`` to ``bottom``, each with its name on hover, and the words above."""
    rows = {label.text: label.row for label in flags.labels}
    # The page's own comes last, so that its line lies over the others.
    drawn = [
        _flag(place, marker, top - 4 - LABEL_ROW * rows.get(marker.label, 0), bottom)
        for place, marker in sorted(flags.places, key=lambda one: one[1].is_own)
    ]
    drawn += [
        format_html(
            '<text class="rel-t{}" x="{}" y="{}" text-anchor="middle">{}</text>',
            " me" if label.is_own else "",
            short(label.centre),
            short(top - 13 - LABEL_ROW * label.row),
            label.text,
        )
        for label in flags.labels
    ]
    return mark_safe("".join(drawn))  # noqa: S308 - each part is escaped already


def _flag(place: float, marker: Marker, start: float, bottom: float) -> SafeString:
    return format_html(
        '<g><title>{4}, {5} {6}</title><line class="rel{7}" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>'
        '<path class="rel-m{7}" d="M{0} {3}l-4 -6h8z"/></g>',
        short(place),
        short(start),
        short(bottom),
        short(start + 1),
        marker.label,
        marker.day.day,
        f"{marker.day:%B %Y}",
        " me" if marker.is_own else "",
    )
