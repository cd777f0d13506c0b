"""Text from a bot is harmless wherever it is shown."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatekeeper.core.text import cut_middle, inert, one_line, printable, seconds
from support.log_commands import commands_in

hostile = st.text(
    st.characters() | st.sampled_from("\x1b\x9b\x07[]:#\r\n\u202e\ud800\ufffe\x85\u2028")
)
COMMAND_PARTS = (
    *("::", "#", "##", "[", "]", "vso", "teamcity", "error", "x", "-", "---", "+++", "~~~", "^^^"),
    *("travis_fold:", "start:", "section_start:1:x", "\u200b", "\ufeff", "\u00ad", "\x1b[0K"),
    *(" ", "\t", "\n", "\r", "\x00"),
)
commands = st.lists(st.sampled_from(COMMAND_PARTS)).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x00b\x08c", "abc"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\u202eabc", "abc"),
        ("\ud800x\ufffe", "x"),
        ("مرحبا 👋🏽 ok", "مرحبا 👋🏽 ok"),
    ],
)
def test_nothing_is_left_that_a_terminal_or_xml_would_stumble_over(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(hostile)
def test_printable_text_is_encodable_stays_itself_and_has_no_control_but_line_ends(
    text: str,
) -> None:
    shown = printable(text)
    shown.encode()
    assert printable(shown) == shown
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)


@given(hostile, st.integers(1, 50))
def test_one_line_is_one_short_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.splitlines() in ([], [line])


@given(hostile | commands)
@example("fold:st\u200bart:")
def test_no_line_is_a_command_of_any_ci_platform(text: str) -> None:
    shown = inert(printable(text))
    assert commands_in(shown) == []
    assert inert(shown) == shown
    assert re.sub(" ", "", shown) == re.sub(" ", "", printable(text))


@pytest.mark.parametrize(
    "text",
    [
        "a :: b",
        "# Heading ## two [link]",
        "C## and F#[0]",
        "-- and ---",
        "a --- b +++ c",
        "start time: 10:00",
        "std::vector ##",
    ],
)
def test_text_that_is_no_command_is_unchanged(text: str) -> None:
    assert inert(text) == text


@given(st.text(max_size=300), st.integers(10, 100))
def test_what_is_cut_out_of_the_middle_is_counted(text: str, limit: int) -> None:
    cut = cut_middle(text, limit)
    if len(text) <= limit:
        assert cut == text
    else:
        assert f"{len(text) - 2 * (limit // 2):,} characters left out" in cut
        assert cut.startswith(text[: limit // 2])
        assert cut.endswith(text[-(limit // 2) :])


@pytest.mark.parametrize(
    ("duration", "said"),
    [(0.2, "0 s"), (59.4, "59 s"), (65, "1 min 5 s"), (7380, "2 h 3 min"), (-1, "0 s")],
)
def test_a_duration_is_said_as_a_person_would(duration: float, said: str) -> None:
    assert seconds(duration) == said
