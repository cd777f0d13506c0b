"""Large texts: what follows the verdict is bounded, and no report is too large for its readers."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from hashlib import shake_128
from xml.etree import ElementTree as ET

import pytest

from gatekeeper.simulator import Simulator
from support.builders import Json, finished, greeting, response, step, text
from support.faults import answering
from support.program import FRESH, Program
from support.relay import Override, Relay
from support.trials import nothing_lost, row, started, wait_for

SECONDS = 8.0  # of processor time, all reports included; these texts took minutes before
LARGEST = 25_000_000  # bytes; GitLab ignores XML of over 30 MB
NOT_MARKED = "texts are not marked"


def failing(expected: str | list[str], actual: str) -> Json:
    """Build a step of which a text assertion failed."""
    variations = [expected] if isinstance(expected, str) else expected
    says = response(actual, text=text(*variations, status="failed"))
    return step("hi", says, status="failed")


def two_words(number: int) -> str:
    """Return a text of 400 words of two kinds, the slowest to compare."""
    bits = int.from_bytes(shake_128(str(number).encode()).digest(50))
    return " ".join(f"{bits:0400b}")


def template(number: int, texts: int = 30) -> str:
    """Return a message of the platform as JSON, with many buttons."""
    buttons = [{"title": f"Choice {number} of {each}", "type": "postback"} for each in range(texts)]
    return json.dumps({"type": "template", "payload": {"text": "Which?", "buttons": buttons}})


def nested(leaf: str) -> str:
    """Return a message of as many levels as JSON from outside may have, and many lines."""
    message: Json = {"text": leaf, "elements": [{"text": "line"}] * 20_000}
    for _ in range(80):
        message = {"elements": [message, {"text": "line"}]}
    return json.dumps(message)


@pytest.mark.parametrize(
    "steps",
    [
        row(fault, "reports within 8 s of processor time", steps, name=fault.replace(" ", "-"))
        for fault, steps in {
            "`{{` 32,000 times in a failing text": lambda: [
                failing("a " + "{{" * 32_000, "{{" * 32_001)
            ],
            "2 MB of punctuation in a failing text": lambda: [
                failing("a " + "!?" * 1_000_000, "a " + "?!" * 1_000_000)
            ],
            "2 MB of terminal sequences in a failing text": lambda: [
                failing("a " + "\x1b]" * 1_000_000, "a " + "\x9b\r" * 1_000_000)
            ],
            "200 failing texts of 400 words": lambda: [
                failing(two_words(number), two_words(-number)) for number in range(1, 201)
            ],
            "20,000 variations of a text": lambda: [
                failing(
                    [f"Your card {number} is on its way" for number in range(20_000)], "My card"
                )
            ],
            "1,000 failing templates of 30 buttons": lambda: [
                failing(template(number), template(number + 1)) for number in range(1_000)
            ],
            "a failing message nested 80 levels deep": lambda: [failing(nested("a"), nested("b"))],
        }.items()
    ],
)
def test_reports_take_a_bounded_time(program: Program, steps: Callable[[], list[Json]]) -> None:
    failing_steps = steps()
    (program.folder / "answer.json").write_text(
        json.dumps(finished(*failing_steps, status="failed")), encoding="utf-8"
    )
    with started(program, "check", "answer.json", **FRESH) as running:
        done = ended_in_time(running)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    [xml] = ET.fromstring(program.report())
    assert xml.get("failures") == str(len(failing_steps))


def ended_in_time(running: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for the program, which must not take more processor time than it may."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    stdout, stderr = running.communicate(timeout=60)
    assert 0.1 < resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < SECONDS
    return subprocess.CompletedProcess((), running.returncode, stdout, stderr)


@pytest.mark.proves(
    "SIGTERM while a gate compares 200 failing texts of 400 words",
    "exit 1 within 8 s of processor time; the reports are completed and name the signal",
)
def test_a_signal_while_texts_are_compared_is_heard(program: Program) -> None:
    steps = [failing(two_words(number), two_words(-number)) for number in range(1, 201)]
    body = json.dumps(finished(*steps, status="failed"))
    with (
        Simulator(speed=1_000_000) as simulator,
        Relay(simulator, Override("poll", answering(body), lasting=True), polls=9) as relay,
        started(program, **relay.environment(), **FRESH) as running,
    ):
        wait_for(lambda: relay.count("poll") >= 1)
        time.sleep(0.3)
        running.send_signal(signal.SIGTERM)
        done = ended_in_time(running)
    result = nothing_lost(program, done, 1, judged=True)
    assert result["interrupted_by"] == signal.SIGTERM


def long_steps(count: int) -> Json:
    """Build a result whose failing texts take five times their length in XML."""
    long, short = "&<>" * 5_000, "Hello!"
    return finished(
        *(failing(f"{number} {long}", f"{long} {number}") for number in range(count)),
        *(failing(short, f"{short} {number}") for number in range(10)),
        status="failed",
    )


@pytest.mark.proves(
    "failing texts that would take 45 MB of XML",
    "the XML has less than 25 MB: the longest texts are cut, and say where all of them are",
)
def test_the_xml_is_no_larger_than_its_readers_accept(program: Program) -> None:
    (program.folder / "answer.json").write_text(json.dumps(long_steps(350)), encoding="utf-8")
    done = program.run("check", "answer.json")
    assert done.returncode == 1
    xml = program.report()
    assert 20_000_000 < len(xml.encode()) < LARGEST
    failures = list(ET.fromstring(xml).iter("failure"))
    assert len(failures) == 360
    for failure in failures:
        message, body = failure.get("message"), failure.text
        assert message
        assert body
        assert body.startswith(message)
    cut = [
        "characters left out: see gatekeeper-report/result.json" in str(f.text) for f in failures
    ]
    assert cut == [True] * 350 + [False] * 10


@pytest.mark.proves(
    "more test cases than some readers of the XML accept", "all of them are written, with a warning"
)
def test_a_gate_of_very_many_steps_warns_once(program: Program) -> None:
    for steps, warnings in ((4_999, 0), (5_000, 1)):
        body = json.dumps(finished(*[greeting()] * steps))
        (program.folder / "answer.json").write_text(body, encoding="utf-8")
        done = program.run("check", "answer.json")
        assert done.returncode == 0
        assert done.stdout.count("warning: the JUnit XML has") == warnings
        # The run has a case of its own.
        assert program.report().count("<testcase") == steps + 1


@pytest.mark.proves(
    "more text than a gate compares",
    "the first failing steps are marked, the same ones in all reports; each report says so once",
)
def test_what_is_marked_does_not_depend_on_the_reports(program: Program) -> None:
    steps = [failing(two_words(number), two_words(-number)) for number in range(1, 201)]
    (program.folder / "answer.json").write_text(
        json.dumps(finished(*steps, status="failed")), encoding="utf-8"
    )
    done = program.run("check", "answer.json")
    folder = program.folder / "gatekeeper-report"
    log = marks_of(done.stdout)
    reports = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    for name in ("junit.xml", "report.html", "summary.md"):
        assert reports[name].count(NOT_MARKED) == 1
    assert done.stdout.count(NOT_MARKED) == 1
    assert 20 < log < 200
    assert marks_of(reports["junit.xml"]) == log
    assert reports["report.html"].count("<del>") > 0
    for path in folder.iterdir():
        path.unlink()
    alone = program.run("check", "answer.json", GATEKEEPER_REPORTS="junit")
    assert marks_of(alone.stdout) == log
    assert program.report() == reports["junit.xml"]


def marks_of(text: str) -> int:
    """Count the expected texts in which something is marked as missing."""
    return sum("expected:" in line and "{-" in line for line in text.splitlines())
