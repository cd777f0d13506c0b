"""Earlier result.json files in a folder, as the real program takes them."""

import json
from pathlib import Path

import pytest
from building import finished, greeting
from conftest import Program


@pytest.fixture
def answers(program: Program) -> dict[str, str]:
    """Write two answers of one suite: one that passed, and one that failed."""
    for how in ("passed", "failed"):
        answer = json.dumps(finished(greeting(how), status=how))
        (program.folder / f"{how}.json").write_text(answer)
    return {how: f"{how}.json" for how in ("passed", "failed")}


def keep(program: Program, name: str, **fields: object) -> None:
    """Keep the last result in the history, as a pipeline would."""
    place: Path = program.folder / "history" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(json.loads(program.report("result.json")) | fields))


def test_earlier_results_are_drawn_and_told(program: Program, answers: dict[str, str]) -> None:
    for number, how in enumerate(("passed", "failed", "passed")):
        program.run("check", answers[how], "--test-suite", "Booking")
        # The last one is the first by its name.
        keep(program, f"a/{9 - number}.json")
    done = program.run(
        "check", answers["failed"], "--test-suite", "Booking", "--history", "history"
    )
    assert done.returncode == 1
    assert "warning: history" not in done.stdout
    page, summary = program.report("report.html"), program.report("summary.md")
    for told in (page, summary):
        assert "✓✗✓, pass rate 66 % on average, usually 14 s" in told
        assert "failed in 1 of the last 3 runs" in told
    assert "How earlier runs ended: 1 failed, 2 passed" in page


def test_what_cannot_be_read_is_passed_over_with_a_warning(
    program: Program, answers: dict[str, str]
) -> None:
    program.run("check", answers["passed"], "--test-suite", "Booking")
    keep(program, "good.json")
    keep(program, "newer.json", schema=2)
    (program.folder / "history/cut.json").write_text('{"schema": 1, "ver')
    arguments = ("check", answers["passed"], "--test-suite", "Booking")
    done = program.run(*arguments, GATEKEEPER_HISTORY="history")
    assert done.returncode == 0
    assert "warning: history: history/cut.json cannot be read: it is no result" in done.stdout
    assert "warning: history: history/newer.json cannot be read: its schema is 2" in done.stdout
    assert "last run: ✓" in program.report("report.html")
    none = program.run(*arguments, "--history", "nowhere")
    assert none.returncode == 0
    assert "warning: history: there is no result in nowhere" in none.stdout
