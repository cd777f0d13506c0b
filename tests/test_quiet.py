"""The quiet log: problems, the suites that did not pass, and the verdict."""

import re

import pytest

from gatekeeper.simulator import Simulator
from support.program import Program

SUITES = "banking-transfer\nbanking-card-block\ncounters-disagree"


def test_a_gate_that_passes_logs_its_verdict_alone(program: Program, simulator: Simulator) -> None:
    environ = simulator.environment() | {"GATEKEEPER_QUIET": "true"}
    done = program.run("gate", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"PASSED: 10 of 10 steps passed.* \(exit code 0\)\n", done.stdout)


def test_of_several_suites_those_that_did_not_pass_are_logged_once(
    program: Program, simulator: Simulator
) -> None:
    done = program.run("gate", "--quiet", **simulator.environment(SUITES))
    assert done.returncode == 1
    marked = [line for line in done.stdout.splitlines() if re.match("[^ ] [A-Z]+ ", line)]
    assert [line.split()[:3] for line in marked] == [
        ["✗", "FAILED", "banking-card-block:"],
        ["!", "ERROR", "counters-disagree:"],
    ]
    assert "actual path:" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("FAILED: 1 of 3 suites failed")
    for left_out in ("started run", "suites done", "reports:", "next: see"):
        assert left_out not in done.stdout


def test_warnings_errors_and_masks_stay(program: Program, simulator: Simulator) -> None:
    (program.folder / "out/junit.xml").mkdir(parents=True)
    job = {"GATEKEEPER_TIMOUT": "3m", "GITHUB_ACTIONS": "true", "NO_COLOR": "1"}
    environ = simulator.environment() | job
    done = program.run("gate", "--quiet", "--report-dir", "out", **environ)
    assert done.returncode == 5
    mask, *lines = done.stdout.splitlines()
    assert mask == f"::add-mask::{Simulator.client_secret}"
    assert [line.partition(": ")[0] for line in lines] == [
        "warning",
        "error",
        "PASSED",
    ]
    assert "GATEKEEPER_TIMEOUT" in lines[0]
    assert "junit.xml" in lines[1]


def test_check_and_merge_and_demo_are_quiet_too(program: Program) -> None:
    demo = program.run("demo", "--quiet", "--speed", "1000")
    merged = program.run("merge", "gatekeeper-report", "--report-dir", "merged", "--quiet")
    (program.folder / "response").write_text("{}", encoding="utf-8")
    checked = program.run("check", "response", "--quiet", "--report-dir", "checked")
    for done, code in ((demo, 0), (merged, 0)):
        assert done.returncode == code
        assert len(done.stdout.splitlines()) == 1
    assert checked.returncode == 3
    assert "reports:" not in checked.stdout
    assert checked.stdout.splitlines()[-1].startswith("ERROR")


@pytest.mark.parametrize("flag", ["--quiet", "--no-quiet"])
def test_invalid_settings_are_listed_either_way(program: Program, flag: str) -> None:
    done = program.run("gate", flag, "--timeout", "soon")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--timeout: 'soon'" in done.stderr
