"""The log of several suites, as somebody reads it at night: from its last line upwards."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gatekeeper.simulator import Simulator
from support.builders import Json, finished, greeting, response, step, text
from support.program import Program

ANYBODYS: Json = {"_id": None, "streamId": None}
POLICY = """\
[[suite]]
name = "hotel-arabic"
[[suite]]
name = "Known"
[[suite]]
name = "Refused"
[[suite]]
name = "Flaky"
retries = 1
[[suite]]
name = "Broken"
[[suite]]
name = "Odd"
[[known-failure]]
suite = "Known"
step = "hello"
reason = "BOT-1432"
until = 2030-01-31
"""
CLOSING = [
    'FAILED    Broken: step 2 and 1 more, text: expected "…for, and it is free", actual "…for, and',
    "ERROR     Refused: could not run: HTTP 400 Test Suite not found: the app has no test suite",
    "ERROR     Odd: [counters] stepDetails.total is 9, but there are 1 step results, of which 1 ",
    "TOLERATED Known: step 1: known failure until 2030-01-31: BOT-1432",
]
COUNTS = (
    "1 of 6 suites failed, 2 without a verdict, 1 tolerated, 2 passed (10 of 13 steps), 1 flaky"
)
BROKEN = "✗ FAILED    Broken: 1 of 3 steps passed, 2 failed, 14 s"


def failing(user: str) -> Json:
    """Build a step whose response has another end than was expected."""
    start = "The new card is ordered with everything that you asked for"
    wrong = text(f"{start}, and it is free", status="failed")
    expected = response(f"{start}, and it is free", text=wrong)
    actual = response(f"{start}, and it costs £5", text=wrong)
    return step(user, expected, status="failed") | {"actualOutput": [actual]}


@contextmanager
def platform() -> Iterator[Simulator]:
    broken = finished(greeting(), failing("order it"), failing("again"), status="failed")
    odd = finished(greeting())
    odd["result"]["stepDetails"]["total"] = 9
    failed = finished(greeting("failed"), status="failed")
    with Simulator(speed=1_000_000) as simulator:
        simulator.add_suite("Known", failed | ANYBODYS)
        simulator.add_suite("Flaky", failed | ANYBODYS, finished(greeting()) | ANYBODYS)
        simulator.add_suite("Broken", broken | ANYBODYS)
        simulator.add_suite("Odd", odd | ANYBODYS)
        yield simulator


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the lines of the log of a gate with suites of most outcomes."""
    program = Program(tmp_path_factory.mktemp("log"))
    (program.folder / "gatekeeper.toml").write_text(POLICY, encoding="utf-8")
    with platform() as simulator:
        environ = simulator.environment() | {"GITLAB_CI": "true", "NO_COLOR": "1"}
        del environ["GATEKEEPER_TEST_SUITE"]
        done = program.run(**environ)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr == ""
    return re.sub(r"\x1b\[0K|\r", "", done.stdout).splitlines()


def headings(lines: list[str]) -> list[str]:
    """Return the lines that begin with a verdict."""
    return [line for line in lines if re.match(r"[✓✗!~] [A-Z]{5,} ", line)]


def names(lines: list[str]) -> list[str]:
    return [line.partition(":")[0].split()[2] for line in lines]


def test_a_log_of_several_suites_reads_well_from_its_end(log: list[str]) -> None:
    assert re.fullmatch(rf"FAILED: {re.escape(COUNTS)}, \d+ s \(exit code 1\)", log[-1])
    assert log[-2].startswith("reports: gatekeeper-report/junit.xml, ")
    assert log[-4:-2] == ["", "next: see gatekeeper-report/report.html"]
    assert log[-9] == ""
    for line, expected in zip(log[-8:-4], CLOSING, strict=True):
        assert line[2:].startswith(expected)
        assert len(line) <= 118


def test_while_suites_run_the_log_has_a_line_for_each_end_and_totals(log: list[str]) -> None:
    waiting = log[: next(number for number, line in enumerate(log) if "section_end" in line)]
    ends = headings(waiting)
    everyone = {"hotel-arabic", "Known", "Refused", "Flaky", "Broken", "Odd"}
    assert len(ends) == len(everyone)
    assert set(names(ends)) == everyone
    assert BROKEN in ends
    assert "✓ PASSED    Flaky: 1 of 1 step passed, flaky, attempt 2 of 2, 14 s" in ends
    [refused] = (line for line in ends if "Refused" in line)
    assert refused.startswith("! ERROR     Refused: could not run: HTTP 400 Test Suite not found")
    assert 1 <= sum(" of 6 suites done" in line for line in waiting) <= 2
    assert not any(" %, " in line for line in log)


def test_what_went_wrong_is_below_its_suite_the_worst_first(log: list[str]) -> None:
    details = log[next(number for number, line in enumerate(log) if "section_end" in line) : -9]
    assert names(headings(details)) == ["Broken", "Refused", "Odd", "Known", "Flaky"]
    at = details.index(BROKEN)
    assert details[at - 1] == ""
    assert details[at + 1].startswith("  run id: ctr-")
    assert details[at + 2] == "  ✗ step 2 failed, user said: order it"
    assert details[at + 4].endswith("that you asked for, and it {-is free-}")
    assert details[at + 5].endswith("that you asked for, and it {+costs £5+}")
    legend = "marks: {-expected, but missing-} {+not expected+}"
    assert [line.strip() for line in log].count(legend) == 1
