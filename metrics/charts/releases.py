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
    """A release on the day it went live."""

    day: date
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words above the markers: their centre in pixels, their row (0 is nearest to the chart)."""

    text: str
    centre: float
    row: int


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
    of more, those that stand in a crowd share the number of releases in it."""
    inside = sorted((m for m in markers if x.lo <= m.day.toordinal() <= x.hi), key=lambda marker: marker.day)
    places = tuple((x(marker.day.toordinal()), marker) for marker in inside)
    if not has_words:
        return Flags(places)
    return Flags(places, _names(places, width) if len(places) <= MOST_NAMES else _counts(places))


def _names(places: Sequence[tuple[float, Marker]], width: int) -> tuple[Label, ...]:
    ends, labels = [0.0] * LABEL_ROWS, []
    for place, marker in places:
        half = len(marker.label) * LETTER_WIDTH / 2
        centre = max(half, min(place, width - half))
        row = next((row for row in range(LABEL_ROWS) if centre - half > ends[row] + 8 or not ends[row]), None)
        if row is not None:
            ends[row] = centre + half
            labels.append(Label(marker.label, centre, row))
    return tuple(labels)


def _counts(places: Sequence[tuple[float, Marker]]) -> tuple[Label, ...]:
    crowds: list[list[float]] = []
    for place, _ in places:
        if crowds and place - crowds[-1][-1] < CROWDED:
            crowds[-1].append(place)
        else:
            crowds.append([place])
    return tuple(Label(str(len(crowd)), (crowd[0] + crowd[-1]) / 2, 0) for crowd in crowds if len(crowd) > 1)


def draw_flags(flags: Flags, *, top: float, bottom: float) -> SafeString:
    """Lines with their triangles from ``top`` to ``bottom``, each with its name on hover, and the words above."""
    rows = {label.text: label.row for label in flags.labels}
    drawn = [
        _flag(place, marker, top - 4 - LABEL_ROW * rows.get(marker.label, 0), bottom) for place, marker in flags.places
    ]
    drawn += [
        format_html(
            '<text class="rel-t" x="{}" y="{}" text-anchor="middle">{}</text>',
            short(label.centre),
            short(top - 13 - LABEL_ROW * label.row),
            label.text,
        )
        for label in flags.labels
    ]
    return mark_safe("".join(drawn))  # noqa: S308 - each part is escaped already


def _flag(place: float, marker: Marker, start: float, bottom: float) -> SafeString:
    return format_html(
        '<g><title>{4}, {5} {6}</title><line class="rel" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>'
        '<path class="rel-m" d="M{0} {3}l-4 -6h8z"/></g>',
        short(place),
        short(start),
        short(bottom),
        short(start + 1),
        marker.label,
        marker.day.day,
        f"{marker.day:%B %Y}",
    )
