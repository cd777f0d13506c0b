"""On a terminal of a person, bars show how the runs stand; anywhere else, lines do."""

import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest

from gatekeeper.simulator import Simulator
from support.program import Program
from support.terminal import read_terminal

BAR = "━"


def on_terminal(folder: Path, environ: dict[str, str], until: str = "") -> tuple[int, str]:
    """Run the gate on a terminal of its own, interrupted once a text was shown, if one is given."""
    main, side = pty.openpty()
    with Program(folder).process(
        ["gate"],
        {"TERM": "xterm-256color", "COLUMNS": "160", **environ},
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
    ) as running:
        os.close(side)
        interrupted = False

        def react(displayed: str) -> None:
            nonlocal interrupted
            if until and until in displayed and not interrupted:
                interrupted = True
                running.send_signal(signal.SIGINT)

        shown = read_terminal(main, react)
        return running.wait(timeout=10), shown


def test_a_bar_rises_while_the_run_goes_on_and_is_gone_at_the_end(tmp_path: Path) -> None:
    with Simulator(speed=2) as simulator:
        code, shown = on_terminal(tmp_path, simulator.environment())
    assert code == 0
    assert BAR in shown
    for part in ("banking-transfer", "times out in", "0 %"):
        assert part in shown
    assert "requests" not in shown
    last = shown.rpartition("\x1b[2K")[2]
    assert BAR not in last
    assert "10 of 10 steps passed" in last
    assert "started run" in shown


def test_the_end_is_told_in_colours_with_its_differences_marked(tmp_path: Path) -> None:
    with Simulator(speed=20) as simulator:
        code, shown = on_terminal(tmp_path, simulator.environment("banking-card-block"))
    assert code == 1
    assert "\x1b[32;4mis free of charge\x1b[0m" in shown
    assert "\x1b[1;31;7mcosts £5\x1b[0m" in shown


def test_an_interrupted_display_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with Simulator(speed=20) as simulator:
        code, shown = on_terminal(tmp_path, simulator.environment("never-ends"), until=BAR)
    assert code == 130
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")
    assert "attach to it with test-run-id" in shown


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"CI": "true"}])
def test_for_no_person_there_are_lines(tmp_path: Path, environ: dict[str, str]) -> None:
    with Simulator(speed=20) as simulator:
        code, shown = on_terminal(tmp_path, simulator.environment() | environ)
    assert code == 0
    assert BAR not in shown
    assert re.search(r"banking-transfer: +\d+ %, .* elapsed", shown)


def test_without_rich_there_are_lines(tmp_path: Path) -> None:
    missing = "import sys; sys.modules['rich'] = None"
    (tmp_path / "sitecustomize.py").write_text(missing, encoding="utf-8")
    with Simulator(speed=20) as simulator:
        environ = simulator.environment() | {"PYTHONPATH": str(tmp_path)}
        code, shown = on_terminal(tmp_path, environ)
    assert code == 0
    assert BAR not in shown
    assert re.search(r"banking-transfer: +\d+ %, .* elapsed", shown)
