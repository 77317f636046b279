"""The picture of a person's months: what tells something is named first, what overlaps stands below each other."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest

from metrics.charts.record import Bar, Dot, Line, RecordPicture, record_chart


def months(count: int, *dots: Dot, bars: Sequence[Bar] = (), lines: Sequence[Line] = (), width: int = 1120) -> str:
    """A record of ``count`` months from January 2026 on."""
    end = date(2026 + count // 12, count % 12 + 1, 1)
    return record_chart(RecordPicture(date(2026, 1, 1), end, bars, dots, lines, "Some months"), width=width)


def test_a_record_names_what_tells_something_before_what_tells_nothing() -> None:
    silent = [Dot(date(2026, 3, day), f"Silent {day}", "no figures yet", "none") for day in (1, 20)]
    drawn = months(12, silent[0], Dot(date(2026, 3, 10), "Telling", "clearly better", "better"), silent[1])
    assert re.findall(r'class="b6"[^>]*>([^<]*)<', drawn) == ["Telling"]
    assert drawn.count('<rect class="mk-none"') == 2
    assert '<circle class="mk-better"' in drawn


def test_a_records_products_held_at_once_stand_below_each_other() -> None:
    first, second = (
        Bar("Checkout", "E", date(2026, 1, 1), date(2026, 6, 1)),
        Bar("Rates", "I", date(2026, 3, 1), date(2026, 9, 1)),
    )
    assert len(set(re.findall(r'<rect class="ro-[ie]" x="[^"]*" y="([^"]*)"', months(12, bars=(first, second))))) == 2
    after = Bar("Rates", "I", date(2026, 6, 1), date(2026, 9, 1))
    assert len(set(re.findall(r'<rect class="ro-[ie]" x="[^"]*" y="([^"]*)"', months(12, bars=(first, after))))) == 1


@pytest.mark.parametrize("count", [1, 3, 14, 60])
@pytest.mark.parametrize("width", [1120, 350])
def test_a_records_months_are_named_as_far_as_they_have_room(count: int, width: int) -> None:
    drawn = months(count, width=width)
    places = [float(place) for place in re.findall(r'<text class="tick" x="([^"]*)"', drawn)]
    assert places == sorted(places)
    assert all(later - earlier >= 40 for earlier, later in pairwise(places))
    assert "Jan 2026" in drawn


def test_a_record_escapes_what_people_wrote() -> None:
    drawn = months(12, lines=(Line("<script>alert(1)</script>", date(2026, 2, 1), date(2026, 3, 1)),))
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
