"""Charts as files of their own: the product's drawings with just those of its style rules that they use, light and dark."""

import re
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from metrics.charts.effects import gap_chart, past_chart
from metrics.charts.series import series_chart
from pmtrack.reference.cannot_tell import Told

STYLES = Path(settings.BASE_DIR) / "pmtrack/static/pmtrack"
RULE = re.compile(r"^([^\n{}@/]+?) \{ ([^{}]+) \}", re.MULTILINE)
CLASS = re.compile(r"\.([\w-]+)")
TOKEN = re.compile(r"(--[\w-]+): *((?:[^;()]|\([^)]*\))+);")
SANS = "system-ui, sans-serif"
WIDE, TALL, SMALL, LOW, GAP, EDGE = 736, 330, 350, 190, 36, 14
WIDTH, HEIGHT = WIDE + 2 * EDGE, TALL + GAP + LOW + 2 * EDGE


def draw(told: Told) -> str:
    """The three charts of a release page as one SVG."""
    pictures = told.pictures
    assert pictures.series is not None, "an example has days"  # noqa: S101
    assert pictures.gaps is not None, "an example has figures"  # noqa: S101
    assert pictures.past is not None, "an example has a past"  # noqa: S101
    right, below = EDGE + WIDE - SMALL, EDGE + TALL + GAP
    parts = [
        _placed(series_chart(replace(pictures.series, readouts=()), width=WIDE, height=TALL), EDGE, EDGE, WIDE, TALL),
        _words(pictures.gaps_title, EDGE, below - 10),
        _placed(gap_chart(pictures.gaps, width=SMALL, height=LOW), EDGE, below, SMALL, LOW),
        _words(pictures.past_title, right, below - 10),
        _placed(past_chart(pictures.past, width=SMALL, height=LOW), right, below, SMALL, LOW),
    ]
    inside = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
        f"<style>\n{_styles(inside)}\n</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>\n{inside}\n</svg>\n'
    )


def _placed(svg: str, x: int, y: int, width: int, height: int) -> str:
    return svg.replace("<svg ", f'<svg x="{x}" y="{y}" width="{width}" height="{height}" ', 1)


def _words(text: str, x: int, y: int) -> str:
    return f'<text class="title" x="{x}" y="{y}">{text}</text>'


def _styles(drawing: str) -> str:
    """The rules of the charts' style sheet whose classes are all in the drawing, and the tokens that they name."""
    used = {name for names in re.findall(r'class="([^"]*)"', drawing) for name in names.split()} | {"chart"}
    rules = ["svg.chart { overflow: visible; }", ".paper { fill: var(--surface); }"]
    for selectors, body in RULE.findall((STYLES / "charts.css").read_text()):
        kept = [one for one in selectors.split(", ") if (names := CLASS.findall(one)) and used.issuperset(names)]
        if kept and ":" not in selectors and selectors != ".chart":
            rules.append(f"{', '.join(kept)} {{ {body} }}")
    rules.append(".chart .title { fill: var(--ink); font-weight: 600; font-size: 13px; }")
    return "\n".join([_tokens("\n".join(rules)), *rules])


def _tokens(rules: str) -> str:
    """The tokens' definitions, with what those name in turn."""
    known = dict(TOKEN.findall((STYLES / "tokens.css").read_text().split("}")[0])) | {"--sans": SANS}
    wanted: dict[str, str] = {}
    queue = re.findall(r"var\((--[\w-]+)\)", rules)
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted[name] = known[name]
            queue += re.findall(r"var\((--[\w-]+)\)", known[name])
    told = " ".join(f"{name}: {wanted[name]};" for name in sorted(wanted))
    return f":root {{ color-scheme: light dark; {told} }}"
