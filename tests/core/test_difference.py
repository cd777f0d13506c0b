"""Differences are marked word by word, and no part of the texts is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.wording.diff import closest, difference
from gatekeeper.core.wording.styled import Mark, Span, plain, rendered, shortened, split

WORDS = st.lists(st.sampled_from(["a", "b ", "{{x}}", " ", ".", "お", "é\n", "!", "[", ""])).map(
    "".join
)


@pytest.mark.parametrize(
    ("expected", "actual", "missing", "extra"),
    [
        ("It is free.", "It costs £5.", "It {-is free-}.", "It {+costs £5+}."),
        ("Hello!", "Hello!", "Hello!", "Hello!"),
        ("in {{days}} days", "in 5 to 7 days", "in {{days}} days", "in 5 to 7 days"),
        ("Hi {{ name }}, all right", "Hi, all wrong", None, None),
        ("お荷物は明日届きます。", "お荷物は今日届きます。", None, None),
        ("Yes", "No", "Yes", "No"),
        ("", "something", "", "something"),
        ("a\nb\nc", "a\nx\nc", "a\n{-b-}\nc", "a\n{+x+}\nc"),
        ("one two", "one", "one {-two-}", "one"),
    ],
)
def test_what_is_missing_and_what_is_extra_is_marked(
    expected: str, actual: str, missing: str | None, extra: str | None
) -> None:
    ours, theirs = difference(expected, actual)
    if missing is not None:
        assert (plain(ours), plain(theirs)) == (missing, extra)
    else:
        assert {span.mark for span in (*ours, *theirs)} >= {Mark.NONE, Mark.EXTRA}


@given(WORDS | st.text(), WORDS | st.text())
def test_both_texts_are_still_whole(expected: str, actual: str) -> None:
    ours, theirs = difference(expected, actual)
    assert rendered(ours, {}) == expected
    assert rendered(theirs, {}) == actual
    assert all(span.mark is not Mark.EXTRA for span in ours)
    assert all(span.mark is not Mark.MISSING for span in theirs)


@given(WORDS)
def test_nothing_is_marked_in_equal_texts(text: str) -> None:
    for spans in difference(text, text):
        assert {span.mark for span in spans} <= {Mark.NONE}


def test_beyond_what_can_be_compared_the_first_and_the_last_difference_are_found() -> None:
    words = [f"word{number} " for number in range(100_000)]
    expected, actual = "".join(words), "".join([*words[:5], "x ", *words[6:-5], "y ", *words[-4:]])
    ours, theirs = difference(expected, actual)
    assert [span.mark for span in ours] == [Mark.NONE, Mark.MISSING, Mark.NONE]
    assert theirs[0].text == "".join(words[:5])
    assert theirs[-1].text == "".join(words[-4:])


def test_of_several_texts_the_closest_is_told() -> None:
    texts = ["Good morning!", "Your card is on its way.", "No card was found."]
    assert closest(texts, "Your card is on the way") == 1


def test_lines_are_parted_with_their_marks() -> None:
    spans = (Span("a\nb", Mark.MISSING), Span("c\n"))
    assert split(spans) == [
        (Span("a", Mark.MISSING),),
        (Span("b", Mark.MISSING), Span("c")),
        (Span(""),),
    ]


@given(st.lists(st.tuples(st.text(max_size=300), st.sampled_from(Mark)), max_size=30))
def test_what_is_shortened_is_short_and_says_so(parts: list[tuple[str, Mark]]) -> None:
    spans = tuple(Span(text, mark) for text, mark in parts)
    whole, short = rendered(spans, {}), rendered(shortened(spans, 500), {})
    if len(whole) <= 500:
        assert short == whole
    else:
        assert "left out" in short
        assert len(short) < 500 + 60 * 6


def test_what_is_escaped_is_what_stands_between_the_marks() -> None:
    spans = (Span("<", Mark.MISSING), Span("> "))
    marks = {Mark.MISSING: ("<del>", "</del>")}
    assert rendered(spans, marks, lambda text: text.replace("<", "&lt;")) == "<del>&lt;</del>> "
