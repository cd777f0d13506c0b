"""The log: inert, in any encoding, and in colours where they can be seen."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.console import Console, shows_colour
from gatekeeper.core.wording.styled import Mark, Span
from gatekeeper.platforms import detect
from gatekeeper.redaction import Redactor
from support.log_commands import commands_in

# The colours that are our own; whatever else begins with an escape came from outside.
OURS = re.compile(r"\x1b\[[0-9;]+m")
PARTS = ("::", "##", "[error]", "vso", "teamcity", "--- ", "\u200b", "\x1b[31m", "s3cret")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_whatever_is_said_is_inert() -> None:
    stream = io.StringIO()
    Console(stream).say("\x1b[31m::error::x\n ::set-output::y ##[error]z")
    assert stream.getvalue() == ": :error::x\n : :set-output::y ## [error]z\n"


def test_differences_are_coloured_or_put_into_braces() -> None:
    line = (Span("It "), Span("is free", Mark.MISSING), Span("."))
    for colour, expected in (
        (True, "It \x1b[32;4mis free\x1b[0m.\n"),
        (False, "It {-is free-}.\n"),
    ):
        stream = io.StringIO()
        Console(stream, colour=colour).say(line)
        assert stream.getvalue() == expected


@given(
    st.lists(
        st.tuples(
            st.text()
            | st.sampled_from(
                ["::", "##", "[error]", "vso", "--- ", "\u200b", "\x1b[31m", "s3cret"]
            ),
            st.sampled_from(Mark),
        )
    )
)
def test_a_coloured_line_is_as_inert_as_any(parts: list[tuple[str, Mark]]) -> None:
    stream = io.StringIO()
    console = Console(stream, Redactor(["s3cret"]), colour=True)
    console.say(tuple(Span(text, mark) for text, mark in parts))
    bare = OURS.sub("", stream.getvalue())
    assert "\x1b" not in bare
    assert "s3cret" not in bare
    assert commands_in(bare) == []


@pytest.mark.parametrize(
    ("environ", "on_terminal", "in_a_file"),
    [
        ({"TERM": "xterm"}, True, False),
        ({}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0", "TERM": "xterm"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"GITHUB_ACTIONS": "true"}, True, True),
        ({"GITLAB_CI": "true"}, True, True),
        ({"GITLAB_CI": "true", "NO_COLOR": "1"}, False, False),
        ({"JENKINS_URL": "https://ci.example"}, False, False),
    ],
)
def test_colours_go_where_they_can_be_seen(
    environ: dict[str, str], on_terminal: bool, in_a_file: bool
) -> None:
    on_platform = detect(environ).shows_colour
    assert shows_colour(Terminal(), environ, on_platform=on_platform) is on_terminal
    assert shows_colour(io.StringIO(), environ, on_platform=on_platform) is in_a_file


def test_a_stream_that_knows_ascii_only_gets_escapes_for_the_rest() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(stream).say("✗ step ü")
    stream.seek(0)
    assert stream.read() == "\\u2717 step \\xfc\n"
