"""Comparison with earlier results, in the log, the summary and the page."""

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper.simulator import Simulator
from support.builders import Json, finished, response, step, text
from support.program import Program

SUITE = "Booking"
TABLE = f"""
[[suite]]
name = "{SUITE}"
baseline = "kept/0.json"
"""
SINCE = r"since (0123abcd \(20..-..-..\)|20..-..-.. ..:.. UTC)"


def passes(said: str, answer: str = "Yes.") -> Json:
    return step(said, response(answer, text=text(answer)))


def fails(said: str, answer: str = "No.") -> Json:
    return step(said, response(answer, text=text("Yes.", status="failed")), status="failed")


def check(program: Program, *steps: Json, **environ: str) -> tuple[int, str]:
    """Judge a conversation; return the exit code and the log."""
    status = "failed" if any(each["status"] == "failed" for each in steps) else "passed"
    body = json.dumps(finished(*steps, status=status))
    done = program.feed(body, "check", "-", "--test-suite", SUITE, **environ)
    return done.returncode, done.stdout + done.stderr


def keep(program: Program, name: str = "0.json") -> None:
    """Keep the last result, as a pipeline would."""
    folder: Path = program.folder / "kept"
    folder.mkdir(exist_ok=True)
    shutil.copy(program.folder / "gatekeeper-report/result.json", folder / name)


def readable(report: str) -> str:
    """Return the text of a report as a person reads it."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", report)).replace("\N{WORD JOINER}", "")
    return " ".join(text.split())


def test_every_report_says_what_is_new_fixed_and_still_failing(program: Program) -> None:
    check(program, passes("hello", "Good day!"), fails("pay"), fails("refund"), passes("bye"))
    keep(program)
    code, log = check(
        program,
        *(fails("hello"), passes("pay"), fails("refund"), passes("bye")),
        GATEKEEPER_HISTORY="kept",
    )
    assert code == 1
    [sentence] = re.findall(
        rf"^1 new failure, 1 fixed, 1 still failing {SINCE}$", log, re.MULTILINE
    )
    summary, page = (readable(program.report(name)) for name in ("summary.md", "report.html"))
    for report in (summary, page):
        assert f"1 new failure, 1 fixed, 1 still failing since {sentence}" in report
        assert report.count("new failure") >= 2
        assert report.count("still failing") >= 2
        assert f"last passed on {sentence}: " in report
        assert "Good day!" in report
    assert f"last passed on {sentence}: response 1: Good day!" in summary
    assert "- Booking, step 2, fixed: pay" in summary
    assert page.count("last passed on") == 1


def test_without_an_earlier_result_nothing_is_said_of_one(program: Program) -> None:
    _, log = check(program, fails("pay"))
    for report in (log, program.report("summary.md"), program.report("report.html")):
        assert "since" not in readable(report)
        assert "new failure" not in report
        assert "last passed" not in report


def test_a_step_that_answers_as_when_it_passed_says_so(program: Program) -> None:
    """So it is the expectation that changed."""
    check(program, passes("pay", "No."))
    keep(program)
    check(program, fails("pay", "No."), GATEKEEPER_HISTORY="kept")
    for name in ("summary.md", "report.html"):
        report = readable(program.report(name))
        assert re.search(r"last passed on .{20} with the same responses", report)


def test_a_gate_of_shards_is_compared_when_it_is_merged(program: Program) -> None:
    check(program, passes("hello", "Good day!"))
    keep(program)
    check(program, fails("hello"))
    (program.folder / "gatekeeper-report").rename(program.folder / "shard")
    done = program.run("merge", "shard", "--history", "kept")
    assert done.returncode == 1
    assert re.search(rf"^1 new failure {SINCE}$", done.stdout, re.MULTILINE)
    assert "Good day!" in html.unescape(program.report("summary.md"))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Serve the simulator, so fast that a run has ended by the first poll."""
    with Simulator(speed=1_000_000) as serving:
        yield serving


def gate(program: Program, simulator: Simulator, *steps: Json, **environ: str) -> tuple[int, str]:
    status = "failed" if any(each["status"] == "failed" for each in steps) else "passed"
    answer = finished(*steps, status=status) | {"_id": None, "streamId": None}
    simulator.add_suite(SUITE, answer)
    done = program.run("gate", **simulator.environment(SUITE) | environ)
    return done.returncode, done.stdout + done.stderr


def test_a_baseline_is_compared_with_and_its_failures_stay_tolerated(
    program: Program, simulator: Simulator
) -> None:
    """It has precedence over the history, whose last result is newer."""
    gate(program, simulator, passes("hello", "Good day!"), fails("pay"))
    keep(program)
    gate(program, simulator, fails("hello"), passes("pay", "It costs £5."))
    keep(program, "1.json")
    (program.folder / "gatekeeper.toml").write_text(TABLE, encoding="utf-8")
    steps = (passes("hello"), fails("pay"))
    code, log = gate(program, simulator, *steps, GATEKEEPER_HISTORY="kept")
    assert code == 0
    assert re.search(rf"^1 still failing \(tolerated\) {SINCE}$", log, re.MULTILINE)
    # What the baseline does not have is looked for in the history.
    assert "response 1: It costs £5" in html.unescape(program.report("summary.md"))


@pytest.mark.proves(
    "secrets, HTML, CI commands and terminal sequences in an earlier `result.json`",
    "masked and harmless where its responses are shown",
)
def test_texts_of_an_earlier_result_are_masked_and_harmless(program: Program) -> None:
    check(program, passes("pay"))
    keep(program)
    place = program.folder / "kept/0.json"
    document = json.loads(place.read_bytes())
    secret = "correct-horse-battery"
    hostile = f"<script>x</script> ##[error]y {secret} \x1b[31m\u202e"
    document["commit"] = hostile
    document["runs"][0]["cases"][0]["answers"] = [{"text": hostile, "path": [hostile]}] * 30
    place.write_text(json.dumps(document), encoding="utf-8")
    environ = {"HTTPS_PROXY": f"http://me:{secret}@proxy.example"}
    code, log = check(program, fails("pay"), GATEKEEPER_HISTORY="kept", **environ)
    assert code == 1
    assert "1 new failure since <script>" in log
    assert "##[error]" not in log
    for report in (log, *(program.report(name) for name in ("summary.md", "report.html"))):
        for harmful in (secret, "\x1b", "\u202e"):
            assert harmful not in report
    for name in ("summary.md", "report.html"):
        assert "<script>x" not in program.report(name)
        assert "x</script> ##[error]y ***" in html.unescape(program.report(name)).replace(
            "\N{WORD JOINER}", ""
        )


def test_a_large_earlier_answer_leaves_the_reports_small(program: Program) -> None:
    check(program, *(passes(f"step {number}", "x" * 3_900) for number in range(500)))
    keep(program)
    steps = (fails(f"step {number}") for number in range(500))
    code, log = check(program, *steps, GATEKEEPER_HISTORY="kept")
    assert code == 1
    assert re.search(rf"^500 new failures {SINCE}$", log, re.MULTILINE)
    assert len(program.report("summary.md").encode()) < 65_536
    assert len(program.report("report.html").encode()) < 4_000_000
