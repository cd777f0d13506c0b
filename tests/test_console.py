"""The log: inert, in any encoding, and never silent for long."""

import io
import time

from gatekeeper.console import Console


def test_whatever_is_said_is_inert() -> None:
    stream = io.StringIO()
    Console(stream).say("\x1b[31m::error::x\n ::set-output::y ##[error]z")
    assert stream.getvalue() == ": :error::x\n : :set-output::y ## [error]z\n"


def test_a_stream_that_knows_ascii_only_gets_escapes_for_the_rest() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(stream).say("✗ step ü")
    stream.seek(0)
    assert stream.read() == "\\u2717 step \\xfc\n"


def test_a_silence_is_broken_by_how_things_stand_and_only_a_silence() -> None:
    stream = io.StringIO()
    console = Console(stream)
    with console.heartbeat(lambda: "still waiting", silence=0.3):
        for _ in range(4):
            time.sleep(0.1)
            console.say("news")
        assert "still waiting" not in stream.getvalue()
        time.sleep(0.9)
    beats = stream.getvalue().count("still waiting")
    assert beats in (1, 2, 3)
    time.sleep(0.5)
    assert stream.getvalue().count("still waiting") == beats
