"""History: earlier result.json files in a folder."""

import html
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.builders import finished, greeting
from support.program import ROOT, Program


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
        assert "✓✗✓, 66 % of steps passed on average, usually 14 s" in told
        assert "failed in 1 of the last 3 runs" in told
    assert "Outcomes of earlier runs: 1 failed, 2 passed" in page


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
    assert "warning: history: history/cut.json cannot be read: not a valid result" in done.stdout
    assert (
        "warning: history: history/newer.json cannot be read: schema 2 is not supported"
        in done.stdout
    )
    assert "last run: ✓" in program.report("report.html")
    none = program.run(*arguments, "--history", "nowhere")
    assert none.returncode == 0
    assert "warning: history: no result found in nowhere" in none.stdout


def test_the_newest_results_are_used_whatever_their_names_and_file_times(
    program: Program, answers: dict[str, str]
) -> None:
    program.run("check", answers["failed"], "--test-suite", "Booking")
    for number in range(1_100):
        keep(program, f"{number:05d}.json", started_at=f"2026-01-01T00:00:00.{number:06d}Z")
    program.run("check", answers["passed"], "--test-suite", "Booking")
    # By its name, and by the time of its file, the newest is not the last.
    keep(program, "zzzz.json", started_at="2026-02-01T00:00:00Z")
    os.utime(program.folder / "history/zzzz.json", (0, 0))
    keep(program, "zzzzz.json", started_at="2025-12-01T00:00:00Z")
    arguments = ("check", answers["failed"], "--test-suite", "Booking", "--history", "history")
    done = program.run(*arguments)
    assert done.returncode == 1
    assert "\nhistory: using the newest 30 of 1102 results\n" in f"\n{done.stdout}"
    assert "warning: history" not in done.stdout
    assert "last 10 runs: ✗✗✗✗✗✗✗✗✗✓" in html.unescape(program.report("summary.md"))


def test_where_a_newest_result_cannot_be_read_the_next_one_is_used(
    program: Program, answers: dict[str, str]
) -> None:
    program.run("check", answers["passed"], "--test-suite", "Booking")
    for number in range(40):
        keep(program, f"{number}.json", started_at=f"2026-01-01T00:00:{number:02d}Z")
    cut = program.folder / "history/39.json"
    cut.write_bytes(cut.read_bytes()[:-9])
    done = program.run("check", answers["passed"], "--history", "history")
    assert "history: using the newest 30 of 39 results" in done.stdout
    assert "warning: history: history/39.json cannot be read: not a valid result" in done.stdout


def test_one_file_is_a_history_as_well(program: Program, answers: dict[str, str]) -> None:
    program.run("check", answers["failed"], "--test-suite", "Booking")
    keep(program, "only")
    arguments = ("check", answers["passed"], "--test-suite", "Booking")
    done = program.run(*arguments, "--history", "history/only")
    assert done.returncode == 0
    assert "last run: ✗" in html.unescape(program.report("summary.md"))


def test_what_is_no_regular_file_is_passed_over_without_waiting(
    program: Program, answers: dict[str, str]
) -> None:
    program.run("check", answers["passed"], "--test-suite", "Booking")
    keep(program, "good.json")
    os.mkfifo(program.folder / "history/pipe.json")
    done = program.run("check", answers["passed"], "--history", "history")
    assert done.returncode == 0
    assert "history/pipe.json cannot be read: not a regular file" in done.stdout


@pytest.mark.proves(
    "a history of 400 results of 1 MB each",
    "the newest 30 are read, in less than 100 MB; the log says how many are left out",
)
def test_a_history_of_any_size_takes_little_memory(
    program: Program, answers: dict[str, str]
) -> None:
    program.run("check", answers["passed"], "--test-suite", "Booking")
    told = json.loads(program.report("result.json"))
    [run] = told["runs"]
    [case] = run["cases"]
    run["cases"] = [
        case | {"index": at, "name": f"{at:03d} step {at}", "id": f"step {at}", "said": "x" * 200}
        for at in range(1, 2_501)
    ]
    body = json.dumps(told, indent=2).encode()
    assert len(body) > 1_000_000
    folder = program.folder / "history"
    folder.mkdir()
    (folder / "0.json").write_bytes(body)
    for number in range(1, 400):
        (folder / f"{number}.json").hardlink_to(folder / "0.json")
    settings = ("--history", "history", "--reports", "summary")
    done, peak = measured(program, "check", answers["passed"], *settings)
    alone, usual = measured(program, "check", answers["passed"], "--reports", "summary")
    assert (done, alone) == (0, 0)
    assert peak - usual < 100 * 1024


def measured(program: Program, *arguments: str) -> tuple[int, int]:
    """Run the program; return its exit code and the most memory that it took, in KiB."""
    running = subprocess.Popen(
        [sys.executable, str(ROOT / "entrypoint.py"), *arguments],
        cwd=program.folder,
        env=program.environ({}),
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    return running.returncode, usage.ru_maxrss
