"""Marks for tables: the interval that every estimate shares, its axis, sparklines, unit squares."""

from collections.abc import Sequence
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.scales import short

MOST_UNITS = 36
UNITS_A_ROW, UNIT, UNIT_GAP = 12, 9, 3
RADIUS = {"early": 3.75, "unsure": 3.0, "flat": 3.0}


def _percent(value: float, domain: tuple[float, float]) -> str:
    lo, hi = domain
    return short(2 + (min(max(value, lo), hi) - lo) / (hi - lo) * 96) + "%"


def interval(
    est: float,
    wide: tuple[float, float],
    inner: tuple[float, float],
    domain: tuple[float, float],
    kind: str,
    label: str,
    drawn: float | None = None,
) -> SafeString:
    """The one mark for estimates: dot, 50 % and 90 % bars on an axis with a visible zero, clipped with an arrow.

    Percent coordinates: positions stretch with the cell, marks keep their size. ``kind`` is the verdict's class, ``drawn`` the
    estimate drawn towards 0 by what all effects of its kind say, a short upright line.
    """
    line = '<line class="iv-{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
    zero = _percent(0, domain)
    parts = [
        format_html(line, "zero", zero, zero, "0", "100%"),
        format_html(line, "90", _percent(wide[0], domain), _percent(wide[1], domain), "50%", "50%"),
        format_html(line, "50", _percent(inner[0], domain), _percent(inner[1], domain), "50%", "50%"),
    ]
    for value, way in ((wide[0], -1), (wide[1], 1)):
        if not domain[0] <= value <= domain[1]:
            arrow = f"M0 -4l{4 * way} 4l{-4 * way} 4z"
            place = _percent(value, domain)
            parts.append(
                format_html('<svg x="{}" y="50%" class="o"><path class="iv-clip" d="{}"/></svg>', place, arrow)
            )
    if drawn is not None:
        parts.append(format_html(line, "drawn", _percent(drawn, domain), _percent(drawn, domain), "22%", "78%"))
    parts.append(_dot(_percent(est, domain), kind))
    return format_html('<svg class="iv iv-{}" role="img" aria-label="{}">{}</svg>', kind, label, _join(parts))


def _dot(place: str, kind: str) -> SafeString:
    if kind.startswith("worse"):
        return format_html(
            '<svg x="{}" y="50%" class="o"><path class="iv-dot" d="M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z"/></svg>', place
        )
    hollow = " hollow" if kind == "early" else ""
    return format_html('<circle class="iv-dot{}" cx="{}" cy="50%" r="{}"/>', hollow, place, RADIUS.get(kind, 4.25))


def axis(domain: tuple[float, float], labels: Sequence[tuple[float, str]]) -> SafeString:
    """The axis above a column of intervals."""
    marks = format_html_join(
        "",
        '<line class="ax-t" x1="{0}" x2="{0}" y1="14" y2="18"/><text x="{0}" y="11" text-anchor="middle">{1}</text>',
        ((_percent(value, domain), text) for value, text in labels),
    )
    return format_html('<svg class="ax" aria-hidden="true">{}</svg>', marks)


# A line stays the same for days, and twenty stand on a page.
@lru_cache(maxsize=2_048)
def sparkline(values: tuple[float | None, ...], *, width: int = 92, height: int = 22) -> SafeString:
    """A line without axis; gaps stay gaps, the last known value carries a dot. Its number stands beside it as text."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return mark_safe("")
    lo, hi = min(value for _, value in known), max(value for _, value in known)
    # Dozens of these stand on a page, so their places are worked out without a call for each point.
    step = (width - 4) / (len(values) - 1)
    rise, base = ((height - 6) / (hi - lo), height - 3) if hi > lo else (0.0, height / 2)
    drawn = "".join(
        "M" + "L".join([f"{1 + place * step:.1f} {base - (value - lo) * rise:.1f}" for place, value in run])
        for run in runs(values)
        if len(run) > 1
    )
    last_index, last = known[-1]
    x, y = 1 + last_index * step, base - (last - lo) * rise
    return mark_safe(  # noqa: S308 - numbers only
        f'<svg class="spark" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<path class="sp-line" d="{drawn}"/>'
        f'<circle class="sp-dot" cx="{x:.1f}" cy="{y:.1f}" r="2"/></svg>'
    )


def runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The unbroken stretches of known values with their places."""
    found: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append((index, value))
    return [run for run in found if run]


def units(kinds: Sequence[str], *, label: str) -> SafeString:
    """One square is one thing; ``kinds`` are their classes. Stuck things are diamonds. Above 36 the picture says "36+"."""
    width, height, squares = _squares(tuple(kinds[:MOST_UNITS]))
    return format_html(
        '<svg class="units" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">{3}</svg>{4}',
        width,
        height,
        label,
        squares,
        f" {MOST_UNITS}+" if len(kinds) > MOST_UNITS else "",
    )


# A page has hundreds of squares in a few dozen patterns: drawing each anew was a third of the team page's rendering.
@lru_cache(maxsize=2_048)
def _squares(kinds: tuple[str, ...]) -> tuple[int, int, SafeString]:
    """Width, height and the squares of one pattern, twelve in a row."""
    step = UNIT + UNIT_GAP
    columns, rows = min(len(kinds), UNITS_A_ROW) or 1, max(1, -(-len(kinds) // UNITS_A_ROW))
    places = ((kind, *divmod(index, UNITS_A_ROW)) for index, kind in enumerate(kinds))
    drawn = _join([_unit(kind, column * step, row * step, UNIT) for kind, row, column in places])
    return columns * step - UNIT_GAP, rows * step - UNIT_GAP, drawn


def _unit(kind: str, x: int, y: int, size: int) -> SafeString:
    if kind == "stuck":
        half = size / 2
        return format_html(
            '<path class="u-stuck" d="M{} {}l{r} {r}l-{r} {r}l-{r} -{r}z"/>',
            short(x + half),
            short(y - 0.5),
            r=half + 0.5,
        )
    square = format_html(
        '<rect class="u-{}" x="{}" y="{}" width="{w}" height="{w}" rx="1.5"/>', kind, x + 0.5, y + 0.5, w=size - 1
    )
    if kind != "confirmed":
        return square
    half_filled = f"M{x + 1} {y + size - 1}H{x + size - 1}V{y + 1}Z"
    return square + format_html('<path class="u-half" d="{}"/>', half_filled)


def _join(parts: Sequence[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped already


__all__ = ["axis", "interval", "runs", "sparkline", "units"]
