"""Charts: places, gaps, markers, words; and never a style or an unescaped name."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.template import Context, Template

from metrics.charts.marks import axis, interval, runs, sparkline, units
from metrics.charts.scales import Scale, tick_text, ticks
from metrics.charts.series import Marker, SeriesPicture, series_chart
from metrics.charts.strip import StripPicture, dot_strip

START = date(2026, 1, 1)


def picture(values: list[float | None], **fields: object) -> SeriesPicture:
    """A picture of consecutive days."""
    points = tuple((START + timedelta(days=i), value) for i, value in enumerate(values))
    return SeriesPicture(points, "Revenue", "Revenue by day", **fields)


def test_a_scale_maps_its_ends() -> None:
    scale = Scale(10, 20, 100, 0)
    assert (scale(10), scale(15), scale(20)) == (100, 50, 0)


def test_a_flat_scale_does_not_divide_by_zero() -> None:
    assert Scale(5, 5, 0, 10)(5) == 0


@pytest.mark.parametrize(("lo", "hi"), [(0, 1), (0, 7), (-3, 12), (0.44, 0.47), (0, 1e9), (1e-6, 2e-6)])
def test_ticks_are_few_round_and_inside(lo: float, hi: float) -> None:
    found = ticks(lo, hi)
    assert 2 <= len(found) <= 6
    assert all(lo - 1e-9 <= tick <= hi + 1e-9 for tick in found)


def test_one_value_has_one_tick() -> None:
    assert ticks(3, 3) == [3]


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (0, 1, "0"),
        (-5, 5, "−5"),
        (0.5, 0.5, "0.5"),
        (120_000, 20_000, "120k"),
        (2_000_000, 1_000_000, "2m"),
        (45, 5, "45"),
    ],
)
def test_tick_labels_are_short_and_have_a_real_minus(value: float, step: float, text: str) -> None:
    assert tick_text(value, step) == text


def test_missing_days_are_gaps_and_never_zero() -> None:
    drawn = series_chart(picture([1, 2, None, 4, 5]))
    assert drawn.count("M") == 2, "the line starts again after the gap"


def test_a_lonely_day_between_gaps_is_a_dot() -> None:
    assert series_chart(picture([None, 3, None, 4])).count("obs-dot") == 3


def test_no_values_draw_nothing() -> None:
    assert series_chart(picture([None, None])) == ""


def test_a_constant_series_is_drawn() -> None:
    assert "obs" in series_chart(picture([0, 0, 0]))


def test_markers_stand_on_their_day_and_only_inside_the_span() -> None:
    inside, outside = Marker(START + timedelta(days=2), "One-page booking"), Marker(date(2020, 1, 1), "Long ago")
    drawn = series_chart(picture([1, 2, 3, 4], markers=(inside, outside)))
    assert drawn.count('class="rel"') == 1
    assert "One-page booking" in drawn
    assert "Long ago" not in drawn


def words(drawn: str) -> list[str]:
    """The texts written above the markers."""
    return re.findall(r'class="rel-t"[^>]*>([^<]*)<', drawn)


def test_up_to_six_releases_are_named_on_two_rows() -> None:
    markers = tuple(Marker(START + timedelta(days=i), f"Release {i}") for i in (0, 2, 4, 6, 8))
    drawn = series_chart(picture([float(i) for i in range(10)], markers=markers))
    assert words(drawn) == [f"Release {i}" for i in (0, 2, 4, 6, 8)]


def test_names_without_room_are_left_out_but_their_lines_stay() -> None:
    markers = tuple(Marker(START + timedelta(days=i), "A release with a long name") for i in (4, 5, 6))
    drawn = series_chart(picture([float(i) for i in range(10)], markers=markers), width=350)
    assert len(words(drawn)) == 2
    assert drawn.count('class="rel"') == 3


def test_more_than_six_releases_lose_their_names_but_not_their_lines() -> None:
    markers = tuple(Marker(START + timedelta(days=i), f"Release {i}") for i in range(7))
    drawn = series_chart(picture([float(i) for i in range(10)], markers=markers))
    assert drawn.count('class="rel"') == 7
    assert words(drawn) == []
    assert "<title>Release 3, 4 January 2026</title>" in drawn, "the name is there on hover"


def test_releases_in_a_crowd_share_their_number() -> None:
    days = [0, 100, 101, 102, 200, 201, 300]
    markers = tuple(Marker(START + timedelta(days=day), f"Release {day}") for day in days)
    drawn = series_chart(picture([float(i) for i in range(301)], markers=markers))
    assert words(drawn) == ["3", "2"]
    assert drawn.count('class="rel"') == 7


def test_small_charts_leave_the_words_to_the_text_around_them() -> None:
    drawn = series_chart(
        picture([1, 2, 3], markers=(Marker(START, "Start"),), target=2, target_text="target 2", is_small=True)
    )
    assert words(drawn) == []
    assert "target 2" not in drawn
    assert drawn.count('class="target"') == 1


def test_the_pages_own_release_is_bold_and_named_before_all() -> None:
    near = [Marker(START + timedelta(days=i), "A release with a long name", i == 6) for i in (4, 5, 6)]
    drawn = series_chart(picture([float(i) for i in range(10)], markers=near), width=350)
    assert drawn.count('class="rel me"') == drawn.count('class="rel-m me"') == drawn.count('class="rel-t me"') == 1
    assert drawn.index('class="rel me"') > drawn.rindex('class="rel"'), "its line lies over the others"


def test_in_a_crowd_the_pages_own_release_keeps_its_name() -> None:
    markers = [Marker(START + timedelta(days=i), f"Release {i}", i == 150) for i in (0, 100, 101, 102, 150, 200, 201)]
    drawn = series_chart(picture([float(i) for i in range(301)], markers=markers))
    assert re.findall(r'class="rel-t me"[^>]*>([^<]*)<', drawn) == ["Release 150"]
    assert words(drawn) == ["3", "2"]


def test_labels_of_one_row_never_touch() -> None:
    markers = [Marker(START + timedelta(days=i), f"Release number {i}", i == 40) for i in range(0, 60, 10)]
    drawn = series_chart(picture([float(i) for i in range(60)], markers=markers), width=500)
    rows: dict[str, list[float]] = {}
    for x, y in re.findall(r'class="rel-t[^"]*" x="([\d.]+)" y="([\d.]+)"', drawn):
        rows.setdefault(y, []).append(float(x))
    places = [sorted(row) for row in rows.values()]
    wide = len("Release number 10") * 6.4
    assert len(places) == 2
    assert all(later - earlier >= wide for row in places for earlier, later in pairwise(row))


def test_a_new_definition_breaks_the_line() -> None:
    drawn = series_chart(picture([1, 2, 3, 4, 5], breaks=(START + timedelta(days=2),)))
    line = re.findall(r'class="obs day" d="([^"]*)"', drawn)[0]
    assert line.count("M") == 2
    assert [piece.count("L") for piece in line.split("M")[1:]] == [1, 2]


def test_a_single_day_of_a_definition_is_a_dot() -> None:
    breaks = (START + timedelta(days=1), START + timedelta(days=2))
    drawn = series_chart(picture([1, 2, 3, 4], breaks=breaks))
    assert drawn.count("obs-dot") == 3, "one for each lonely day, one at the end"


def test_restated_days_wear_a_ring_where_there_is_room() -> None:
    shown = picture([1, 2, None, 4], restated=(START + timedelta(days=1), START + timedelta(days=2)))
    assert series_chart(shown).count('class="restated"') == 1
    assert 'class="restated"' not in series_chart(replace(shown, is_small=True))


def test_the_same_picture_is_drawn_the_same_every_time() -> None:
    assert series_chart(picture([1, 2, 3])) == series_chart(picture([1, 2, 3]))


def test_counts_stand_on_the_ground() -> None:
    drawn = series_chart(picture([3, 3, None, 4, 4], is_steps=True, starts_at_zero=True), height=200)
    area = re.findall(r'class="reach-a" d="([^"]*)"', drawn)[0]
    assert area.count("Z") == 2, "a gap is not filled"
    assert re.findall(r"M[\d.]+ ([\d.]+)", area) == ["162", "162"], "each piece starts at zero"


def test_names_are_escaped() -> None:
    drawn = series_chart(picture([1, 2], markers=(Marker(START, "<script>"),)))
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_no_chart_carries_a_style() -> None:
    drawn = series_chart(picture([1, 2, 3], target=2.5, target_text="target")) + sparkline((1, 2, 3))
    assert "style" not in drawn
    assert "<desc" in drawn


def test_a_target_outside_the_values_is_on_the_chart() -> None:
    drawn = series_chart(picture([1, 2, 3], target=9.0, target_text="target 9"))
    assert "target 9" in drawn


def test_an_axis_of_amounts_does_not_fall_below_zero() -> None:
    assert "−" not in series_chart(picture([0.0, 50.0, 100.0]))


def test_long_tick_labels_move_the_plot_and_are_not_cut() -> None:
    starts = [
        float(re.findall(r'<line class="g" x1="([\d.]+)"', series_chart(picture(values)))[0])
        for values in ([1.0, 9.0], [0.1111, 0.1119])
    ]
    assert starts[0] < starts[1]


def test_an_interval_is_clipped_with_an_arrow_and_worse_is_a_diamond() -> None:
    drawn = interval(-3, (-30, 4), (-6, 1), (-10, 10), "worse", "Sign-ups fell")
    assert drawn.count("iv-clip") == 1
    assert "<circle" not in drawn
    assert 'aria-label="Sign-ups fell"' in drawn


def test_an_axis_names_its_ticks() -> None:
    assert "+10%" in axis((-10, 10), [(0, "0"), (10, "+10%")])


def test_a_sparkline_needs_two_values() -> None:
    assert sparkline((None, 1.0)) == ""
    assert "sp-dot" in sparkline((1.0, None, 2.0))


def test_runs_are_the_unbroken_stretches() -> None:
    assert runs([1, None, 2, 3]) == [[(0, 1)], [(2, 2), (3, 3)]]


def test_a_stuck_thing_is_a_diamond_and_a_confirmed_one_half_filled() -> None:
    drawn = units(["stuck", "confirmed", "measured"], label="1 stuck, 2 backed")
    assert drawn.count("u-stuck") == 1
    assert drawn.count("<rect") == 2
    assert drawn.count("u-half") == 1


def test_dots_that_touch_are_stacked() -> None:
    drawn = dot_strip(StripPicture((9, 9, 9, 40), (7, 13), "Days to release"))
    heights = re.findall(r'class="sd" cx="[\d.]+" cy="([\d.]+)"', drawn)
    assert heights == ["32", "24", "16", "32"]


def test_a_strip_of_nothing_is_nothing() -> None:
    assert dot_strip(StripPicture((), (7, 13), "Days to release")) == ""


def test_tags_draw_what_the_functions_draw() -> None:
    page = Template(
        "{% load charts %}{% interval 2 -1 5 1 3 domain 'better' 'Up' %}{% axis domain labels %}{% units kinds 'Two' %}"
    )
    text = page.render(Context({"domain": (-10, 10), "labels": [(0, "0")], "kinds": ["done", "done"]}))
    assert text == interval(2, (-1, 5), (1, 3), (-10, 10), "better", "Up") + axis((-10, 10), [(0, "0")]) + units(
        ["done", "done"], label="Two"
    )


def test_a_chart_comes_wide_and_narrow() -> None:
    text = Template("{% load charts %}{% chart picture %}").render(Context({"picture": picture([1, 2])}))
    assert re.findall(r'class="(\w+)"><svg class="chart" viewBox="0 0 (\d+) ', text) == [
        ("wide", "736"),
        ("narrow", "350"),
    ]


def test_squares_stop_at_36() -> None:
    drawn = units(["done"] * 40, label="40 done")
    assert drawn.count("<rect") == 36
    assert "36+" in drawn
