"""The downstream graph as geometry: a figure is never cut off, nothing is written unescaped, and each grade has its own line."""

import re

from metrics.charts.downstream import Came, DownstreamPicture, Link, Node, downstream_graph

SIGNS = {"enabled": "M7 1v12", "unblocked": "M3 1v12", "accelerated": "M2 3l4 4"}
LONG = "A title of a release that goes on for longer than any box of the graph has room"


def link(own: str = "Grid", **changed: object) -> Link:
    """One row."""
    told = {
        "own": Node(own, "19 Jan 2026", "/releases/R-1/"), "kind": "enabled", "word": "Enabled", "more": "", "grades": ("confirmed",),
        "work": Node("Work", "Checkout", "/enablements/E-1/"), "came": (Came("Churn", "cannot tell", "unsure", figure="+2.0 pts"),),
    }  # fmt: skip
    return Link(**{**told, **changed})


def drawn(*links: Link) -> str:
    """The graph of these rows."""
    return downstream_graph(DownstreamPicture(links, "Graph", "In words"), SIGNS)


def test_without_links_nothing_is_drawn() -> None:
    assert drawn() == ""


def test_a_long_name_is_cut_and_its_figure_is_not() -> None:
    svg = drawn(link(LONG, came=(Came(LONG, "cannot tell", "unsure", "/x", "+2.0 pts"),)))
    assert "… +2.0 pts</text>" in svg
    assert f"<title>{LONG}, 19 Jan 2026</title>" in svg, "the whole name stands in the link"
    assert f">{LONG}<" not in svg


def test_names_are_escaped() -> None:
    svg = drawn(link("<script>alert(1)</script>", work=Node("<b>", "", "")))
    assert "<script>" not in svg
    assert "<b>" not in svg


def test_links_of_one_release_start_at_one_box_and_each_grade_has_a_line() -> None:
    svg = drawn(link(), link(grades=("measured", "claimed")), link("Other", grades=("claimed",)))
    assert svg.count('class="nd nd-i"') == 2
    assert re.findall(r'class="fl fl-(\w+)"', svg) == ["confirmed", "measured", "claimed", "claimed"]


def test_more_effects_make_a_row_taller() -> None:
    def height(svg: str) -> float:
        found = re.search(r'viewBox="0 -26 1130 ([0-9.]+)"', svg)
        assert found is not None
        return float(found[1])

    came = (Came("Churn", "cannot tell", "unsure"),)
    assert height(drawn(link(came=came * 3))) == height(drawn(link(came=came))) + 60
