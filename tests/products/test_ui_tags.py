"""The marks of every page: shape and word, hidden decoration, no unescaped name."""

import pytest
from django.template import Context, Template, TemplateSyntaxError


def drawn(tag: str, **values: object) -> str:
    """What a tag of the library prints."""
    return Template("{% load ui %}{% " + tag + " %}").render(Context(values))


@pytest.mark.parametrize(("letter", "word"), [("I", "internal"), ("E", "external")])
def test_a_type_is_a_letter_a_shape_and_a_word(letter: str, word: str) -> None:
    text = drawn("ty letter", letter=letter)
    assert f"ty-{letter.lower()}" in text
    assert f">{letter}<" in text
    assert f"{word} product" in text


def test_an_icon_takes_the_colour_of_the_text_and_is_silent() -> None:
    text = drawn('icon "inbox"')
    assert 'stroke="currentColor"' in text
    assert 'aria-hidden="true"' in text
    assert "<polyline" in text
    assert text.count("<svg") == 1


def test_an_unknown_icon_says_where_to_add_it() -> None:
    with pytest.raises(TemplateSyntaxError, match=r"no icon 'unicorn'. Add it to"):
        drawn('icon "unicorn"')


@pytest.mark.parametrize(
    ("name", "initials"), [("Ines Okafor", "IO"), ("paula", "P"), ("Maya de Lindgren", "MD"), ("", "")]
)
def test_an_avatar_has_at_most_two_initials(name: str, initials: str) -> None:
    assert f">{initials}</span>" in drawn("avatar name", name=name)


def test_initials_are_escaped() -> None:
    assert "&lt;B" in drawn("avatar name", name="<script> Bob")


def test_a_verdict_stands_behind_its_mark() -> None:
    assert (
        drawn('verdict_word "better-ish" "Probably better"') == '<span class="vd vd-better-ish">Probably better</span>'
    )


def test_a_verdict_without_a_mark_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="no verdict mark 'great'"):
        drawn('verdict_word "great" "Great"')


@pytest.mark.parametrize("name", ["measured", "confirmed", "claimed"])
def test_a_grade_is_a_square_and_a_word(name: str) -> None:
    assert drawn("grade name", name=name) == f'<span class="gr gr-{name}">{name.capitalize()}</span>'


@pytest.mark.parametrize("name", ["enabled", "unblocked", "accelerated"])
def test_a_kind_of_help_is_a_sign_and_a_word(name: str) -> None:
    text = drawn("kind name", name=name)
    assert "<path" in text
    assert text.endswith(f"{name.capitalize()}</span>")
