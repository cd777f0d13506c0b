"""Running only the suites that did not pass in an earlier result."""

import json
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.simulator import Simulator
from support.program import Program

RESULT = "gatekeeper-report/result.json"
# Each suite's name is that of the scenario that it goes by.
SUITES = ("banking-transfer", "banking-card-block", "counters-disagree")
AGAIN = ["banking-card-block", "counters-disagree"]


def result_of(program: Program) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(program.report("result.json"))
    return result


def suites_of(result: dict[str, Any]) -> list[str]:
    return [run["test_suite"] for run in result["runs"]]


def configure(program: Program, *suites: str, more: str = "") -> None:
    tables = "".join(f'[[suite]]\nname = "{name}"\n{more}' for name in suites)
    (program.folder / "gatekeeper.toml").write_text(tables, encoding="utf-8")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the result of a gate of all suites, made once: it costs a run of each."""
    program = Program(tmp_path_factory.mktemp("earlier"))
    configure(program, *SUITES)
    with Simulator(speed=1000) as simulator:
        assert program.run("gate", **simulator.environment("")).returncode == 1
    return program.folder / RESULT


@pytest.fixture
def before(program: Program, earlier: Path) -> dict[str, Any]:
    """Return the earlier result, which is where this gate writes its own."""
    (program.folder / RESULT).parent.mkdir()
    shutil.copy(earlier, program.folder / RESULT)
    configure(program, *SUITES)
    return result_of(program)


def change(program: Program, result: dict[str, Any]) -> None:
    (program.folder / RESULT).write_text(json.dumps(result), encoding="utf-8")


def only_passed(result: dict[str, Any]) -> dict[str, Any]:
    runs = [run for run in result["runs"] if run["verdict"] == "passed"]
    return result | {"runs": runs, "verdict": "passed", "exit_code": 0}


def started(simulator: Simulator) -> int:
    return sum(request.call == "start" for request in simulator.requests)


@pytest.mark.usefixtures("before")
@pytest.mark.proves(
    "a gate of only the suites that had failed, all of which pass now",
    "every report, result.json and the headline say that it is partial, and none of them is green",
)
def test_a_gate_of_the_failed_suites_says_everywhere_that_it_is_partial(
    program: Program, simulator: Simulator
) -> None:
    for name in AGAIN:
        simulator.add_scenario(name, "banking-transfer")
    output = program.folder / "output"
    environ = simulator.environment("") | {"GITHUB_OUTPUT": str(output)}
    done = program.run("gate", "--failed-from", RESULT, "--events", "events", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert "only 2 of 3 suites are run, those that did not pass in " + RESULT in done.stdout
    headline = done.stdout.splitlines()[-1]
    assert re.match(
        r"PASSED, PARTIAL: 2 of 2 suites passed .*; 1 other suite was not run", headline
    )
    result = result_of(program)
    assert (suites_of(result), result["partial"]) == (AGAIN, {"not_run": 1})
    events = (program.folder / "events").read_text(encoding="utf-8").splitlines()
    assert json.loads(events[-1])["partial"] == {"not_run": 1}
    assert "PASSED, PARTIAL: " in output.read_text(encoding="utf-8")
    assert "### 🟡 gatekeeper: PASSED, PARTIAL&#58; " in program.report("summary.md")
    assert "conversations: partial, " in program.report("badge.svg")
    assert "#1a7f37" not in program.report("badge.svg")
    assert program.report().count('value="1 other suite was not run"') == 2
    page = program.report("report.html")
    assert "<title>PASSED, PARTIAL: " in page
    assert '<header class="tolerated">' in page


@pytest.mark.usefixtures("before")
def test_suites_that_still_fail_can_be_run_once_more(
    program: Program, simulator: Simulator
) -> None:
    simulator.add_scenario("counters-disagree", "banking-transfer")
    environ = simulator.environment("") | {"GATEKEEPER_FAILED_FROM": RESULT}
    first = program.run("gate", **environ)
    assert first.returncode == 1
    assert "FAILED, PARTIAL: 1 of 2 suites failed" in first.stdout
    second = program.run("gate", **environ)
    assert (second.returncode, suites_of(result_of(program))) == (1, AGAIN[:1])
    assert "; 2 other suites were not run" in second.stdout
    assert "lacks them" not in second.stdout


@pytest.mark.usefixtures("before")
def test_a_gate_that_leaves_nothing_out_is_whole(program: Program, simulator: Simulator) -> None:
    configure(program, *AGAIN)
    done = program.run("gate", "--failed-from", RESULT, **simulator.environment(""))
    assert done.returncode == 1
    assert "PARTIAL" not in done.stdout
    assert "partial" not in result_of(program)


def test_each_language_of_a_suite_is_run_by_itself(
    program: Program, simulator: Simulator, before: dict[str, Any]
) -> None:
    german = before["runs"][1] | {"language": "de", "test_run_id": "ctr-de"}
    change(program, before | {"runs": [before["runs"][0], german]})
    configure(program, *SUITES[:2], more='languages = ["en", "de"]\n')
    missing = '"banking-transfer" (de); "banking-card-block" (en)'
    done = program.run("gate", "--failed-from", RESULT, **simulator.environment(""))
    assert f"not run, as {RESULT} lacks them: {missing}" in done.stdout
    assert [(run["test_suite"], run["language"]) for run in result_of(program)["runs"]] == [
        ("banking-card-block", "de")
    ]


@pytest.mark.usefixtures("before")
def test_tolerated_suites_are_not_run_again(program: Program, simulator: Simulator) -> None:
    configure(program, *SUITES, more="blocking = false\n")
    assert program.run("gate", **simulator.environment("")).returncode == 3
    assert [run["verdict"] for run in result_of(program)["runs"]] == [
        "passed",
        "tolerated",
        "error",
    ]
    program.run("gate", "--failed-from", RESULT, **simulator.environment(""))
    assert suites_of(result_of(program)) == ["counters-disagree"]


WRONG = {
    "nothing failed": (only_passed, "there is nothing to run"),
    "another app": (
        lambda result: result | {"runs": [run | {"stream_id": "st-2"} for run in result["runs"]]},
        'another app or version: "banking-transfer" (en) ran there in stream st-2,',
    ),
    "another version": (
        lambda result: (
            result | {"runs": [run | {"bot_version": "inDevelopment"} for run in result["runs"]]}
        ),
        "version inDevelopment, now in stream",
    ),
    "another suite": (
        lambda result: (
            result | {"runs": [*result["runs"][:2], result["runs"][2] | {"test_suite": "Old name"}]}
        ),
        'this gate does not have all suites that did not pass there: "Old name" (en)',
    ),
    "an inconsistent result": (
        lambda result: result | {"verdict": "passed", "exit_code": 0},
        "its verdict does not match its runs",
    ),
    "not a result": (lambda _: {"status": "passed"}, "not a valid result.json"),
    "a refused gate": (
        lambda result: result | {"verdict": "error", "exit_code": 2, "runs": result["runs"][2:]},
        "the settings of that gate were invalid, so it ran no suite",
    ),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.proves(
    "an earlier result that is not of this gate, or in which no suite failed",
    "exit code 2, and no run is started",
)
def test_a_result_that_tells_nothing_of_this_gate_is_refused(
    program: Program, simulator: Simulator, before: dict[str, Any], case: str
) -> None:
    changed, problem = WRONG[case]
    change(program, changed(before))
    done = program.run("gate", "--failed-from", RESULT, **simulator.environment(""))
    assert (done.returncode, done.stdout, started(simulator)) == (2, "", 0)
    assert problem in done.stderr


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (("--shard", "1/2"), "--failed-from and --shard are both set"),
        (("--test-suite", "banking-card-block=ctr-1"), "remove the run id, or failed-from"),
        (("--test-suite", "banking-card-block"), '"counters-disagree" (en)'),
        (("--timeout", "soon"), "--timeout"),
        (("--tiemout", "5m"), "No such option"),
    ],
)
def test_a_gate_that_is_refused_keeps_the_result_that_it_read(
    program: Program,
    simulator: Simulator,
    before: dict[str, Any],
    flags: tuple[str, ...],
    problem: str,
) -> None:
    environ = simulator.environment("")
    done = program.run("gate", "--failed-from", RESULT, *flags, **environ)
    assert (done.returncode, started(simulator)) == (2, 0)
    assert problem in done.stderr
    assert result_of(program) == before
    assert "settings" in program.report()


def test_only_a_result_may_replace_the_one_that_is_read(
    program: Program, simulator: Simulator, before: dict[str, Any]
) -> None:
    flags = ("--failed-from", RESULT, "--junit", RESULT, "--report-dir", "other")
    done = program.run("gate", *flags, **simulator.environment(""))
    assert (done.returncode, started(simulator)) == (2, 0)
    assert f"{RESULT} is read by this gate, but a report would overwrite it (junit)" in done.stderr
    assert result_of(program) == before


def test_a_green_result_does_not_outlive_a_gate_that_is_refused(
    program: Program, simulator: Simulator, before: dict[str, Any]
) -> None:
    change(program, only_passed(before))
    program.run("gate", "--failed-from", RESULT, **simulator.environment(""))
    assert result_of(program)["exit_code"] == 2


@pytest.mark.usefixtures("before")
@pytest.mark.proves(
    "a signal during a gate of the suites that had failed",
    "its result has what did not end, so the same command runs it again",
)
def test_an_interrupted_gate_can_be_taken_up_again(program: Program, simulator: Simulator) -> None:
    for name in AGAIN:
        simulator.add_scenario(name, "never-ends")
    environ = simulator.environment("")
    with program.start("gate", "--failed-from", RESULT, **environ) as running:
        assert running.stdout is not None
        # Both have been started.
        for _ in AGAIN:
            while "started run" not in running.stdout.readline():
                assert running.poll() is None
        running.send_signal(signal.SIGINT)
        rest = running.communicate()[0]
    assert running.returncode == 130
    assert "INTERRUPTED, PARTIAL: " in rest
    for name in AGAIN:
        simulator.add_scenario(name, "banking-transfer")
    assert program.run("gate", "--failed-from", RESULT, **environ).returncode == 0
    assert suites_of(result_of(program)) == AGAIN


def test_a_missing_result_is_refused(program: Program, simulator: Simulator) -> None:
    done = program.run("gate", "--failed-from", RESULT, **simulator.environment())
    assert (done.returncode, started(simulator)) == (2, 0)
    assert f"--failed-from: {RESULT} cannot be read: No such file" in done.stderr


@pytest.mark.proves(
    "the result of a partial gate among those that are merged, or in the history",
    "the merged verdict is an error, and the history ignores it",
)
def test_a_partial_result_counts_neither_for_a_merge_nor_for_the_history(
    program: Program, before: dict[str, Any], simulator: Simulator
) -> None:
    partial = only_passed(before) | {"partial": {"not_run": 2}}
    change(program, partial)
    merged = program.run("merge", "gatekeeper-report", "--report-dir", "merged")
    assert merged.returncode == 3
    assert "ran only suites that had not passed before" in merged.stdout
    flags = ("--history", RESULT, "--report-dir", "now", "--test-suite", "banking-transfer")
    done = program.run("gate", *flags, **simulator.environment(""))
    assert done.returncode == 0
    assert "history: ignoring 1 of partial gates" in done.stdout
    assert "last run" not in (program.folder / "now/summary.md").read_text(encoding="utf-8")


def test_a_partial_result_without_a_suite_left_out_is_invalid(
    program: Program, before: dict[str, Any]
) -> None:
    change(program, before | {"partial": {"not_run": 0}})
    done = program.run("merge", "gatekeeper-report", "--report-dir", "merged")
    assert done.returncode == 3
    assert "invalid number of suites that were not run" in done.stdout
