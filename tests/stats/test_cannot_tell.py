"""The documented examples: what docs/metrics.md says of them is what the code says today, and the pictures are its drawings."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from django.core.management import call_command

from pmtrack.reference.cannot_tell import EXAMPLES, Example, before_and_after, read_example
from pmtrack.stack.places import ROOT

IMAGES = ROOT / "docs/images"
TEXT = (ROOT / "docs/metrics.md").read_text()
EACH = pytest.mark.parametrize("example", EXAMPLES, ids=[one.slug for one in EXAMPLES])
NUMBER = re.compile(r"-?\d+\.\d+")


@EACH
def test_an_example_cannot_be_told_and_the_documentation_says_its_sentence(example: Example) -> None:
    told = read_example(example)
    assert told.effect.words == "Cannot tell"
    assert f"> {told.sentence}\n" in TEXT
    assert f"(images/cannot-tell-{example.slug}.svg)" in TEXT


def test_two_of_them_really_moved_by_twelve_per_cent_and_one_did_not() -> None:
    assert sorted(example.truth for example in EXAMPLES) == [0.0, 0.12, 0.12]


def test_where_nothing_happened_a_comparison_of_averages_is_sure() -> None:
    (example,) = (one for one in EXAMPLES if not one.truth)
    change, p = before_and_after(example)
    assert p < 0.01
    assert f"{change:.1f} % above four weeks before, p {p:.4f}" in TEXT


def test_the_interval_of_the_true_rise_holds_the_truth_and_nothing() -> None:
    figures = read_example(EXAMPLES[0]).effect.figures
    assert figures is not None
    low, high = figures.change_90
    assert low < 0 < 12 < high


def test_the_pictures_are_what_the_charts_draw(tmp_path: Path) -> None:
    call_command("draw_examples", tmp_path)
    drawn = {path.name: path.read_text() for path in sorted(tmp_path.glob("*.svg"))}
    held = {path.name: path.read_text() for path in sorted(IMAGES.glob("cannot-tell-*.svg"))}
    assert drawn.keys() == held.keys()
    for name in drawn:
        assert NUMBER.sub("#", drawn[name]) == NUMBER.sub("#", held[name]), f"{name}: run manage.py draw_examples"
        # Another processor may round the last digit of a pixel differently.
        assert [float(one) for one in NUMBER.findall(drawn[name])] == pytest.approx(
            [float(one) for one in NUMBER.findall(held[name])], abs=0.2
        )


@EACH
def test_a_picture_is_whole_and_takes_nothing_from_elsewhere(example: Example) -> None:
    text = (IMAGES / f"cannot-tell-{example.slug}.svg").read_text()
    root = ET.fromstring(text)
    assert len(root.findall("{http://www.w3.org/2000/svg}svg")) == 3
    styles = root.find("{http://www.w3.org/2000/svg}style")
    assert styles is not None
    named, known = set(re.findall(r"var\((--[\w-]+)\)", text)), set(re.findall(r"(--[\w-]+):", styles.text or ""))
    assert named == known
    assert not re.search(r"url\(|@import|<script|href=", text)
