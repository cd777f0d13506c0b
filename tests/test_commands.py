"""The other commands, and the ways into the program, as processes."""

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import fields
from itertools import takewhile
from pathlib import Path

import junitparser
import pytest

from gatekeeper import __version__
from gatekeeper.simulator import Fault, read_faults, scenario_names
from support.builders import finished, greeting
from support.certificates import authority, leaf
from support.program import ROOT, Program

FAST = ("--speed", "1000")


def saved(program: Program, name: str, answer: object) -> str:
    path = program.folder / name
    path.write_text(json.dumps(answer), encoding="utf-8")
    return str(path)


def test_check_judges_each_file_as_a_run_in_their_order(program: Program) -> None:
    good = saved(program, "good.json", finished(greeting()))
    bad = saved(program, "bad.json", finished(greeting() | {"status": "failed"}, status="failed"))
    done = program.run("check", good, bad)
    assert done.returncode == 1
    suites = list(junitparser.JUnitXml.fromstring(program.report().encode()))
    assert [(suite.name, suite.failures) for suite in suites] == [("good", 0), ("bad", 1)]
    assert len(json.loads(program.report("result.json"))["runs"]) == 2


def test_check_reads_standard_input_and_takes_the_suites_name(program: Program) -> None:
    answer = json.dumps(finished(greeting()))
    done = program.feed(answer, "check", "-", "--test-suite", "Booking")
    assert done.returncode == 0
    assert 'name="Booking"' in program.report()


def test_check_of_a_run_in_progress_is_no_verdict(program: Program) -> None:
    answer = {"status": "inprogress", "percentageCompleted": 85, "result": {"status": "inprogress"}}
    done = program.run("check", saved(program, "answer.json", answer))
    assert done.returncode == 3
    assert "the run has not finished (85 % done)" in done.stdout


def test_check_judges_by_the_policy(program: Program) -> None:
    path = saved(program, "answer.json", finished(greeting(), totalTestStepsCount=13))
    assert program.run("check", path).returncode == 3
    assert program.run("check", path, "--accept", "counters").returncode == 0
    assert program.run("check", path, GATEKEEPER_ACCEPT="counters").returncode == 0
    wrong = program.run("check", path, "--accept", "everything")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "unknown check 'everything'" in wrong.stderr


@pytest.mark.parametrize("body", ["", "{", "<html>", "[]", '{"result": 7}', "{}"])
def test_check_of_what_is_no_result_is_no_verdict_and_has_a_report(
    program: Program, body: str
) -> None:
    done = program.feed(body, "check", "-")
    assert (done.returncode, done.stderr) == (3, "")
    assert "<error" in program.report()


def test_check_says_that_a_result_json_is_a_report_of_a_gate(program: Program) -> None:
    program.run("check", saved(program, "good.json", finished(greeting())), "--report-dir", "old")
    done = program.run("check", "old/result.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "old/result.json is not a response of the status endpoint but a result.json" in done.stderr
    )
    assert "with the verdict passed" in done.stderr
    [advice] = re.findall(r"run gatekeeper (.*) DIRECTORY$", done.stderr, re.MULTILINE)
    assert program.run(*advice.split(), "new").returncode == 0
    fed = program.feed((program.folder / "old/result.json").read_text(), "check", "-")
    assert fed.returncode == 2
    assert "standard input is not a response" in fed.stderr


def test_a_file_that_is_not_there_is_a_wrong_setting(program: Program) -> None:
    done = program.run("check", "nowhere.json")
    assert done.returncode == 2
    assert "nowhere.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_all_problems_of_the_settings_are_told_at_once_and_nothing_else_is_done(
    program: Program,
) -> None:
    done = program.run("gate", "--timeout", "soon", "--host", "http://bots.kore.ai")
    assert (done.returncode, done.stdout) == (2, "")
    for told in ("--timeout: 'soon'", "--host: must be https", "stream-id is missing", "client-id"):
        assert told in done.stderr
    assert [path.name for path in program.folder.iterdir()] == ["gatekeeper-report"]
    assert "the settings have" in program.report("summary.md")


def test_an_unknown_flag_is_a_wrong_setting(program: Program) -> None:
    assert program.run("gate", "--client-secret", "x").returncode == 2


def test_the_demo_passes_and_its_failing_scenario_does_not(program: Program) -> None:
    assert program.run("demo", *FAST).returncode == 0
    done = program.run("demo", *FAST, "--scenario", "banking-card-block")
    assert done.returncode == 1
    for told in ("step 4 failed", "flow assertion", "expected:", "actual:"):
        assert told in done.stdout


def test_the_demo_takes_nothing_from_the_settings_of_a_real_app(program: Program) -> None:
    real = {"GATEKEEPER_HOST": "bots.kore.ai", "GATEKEEPER_JWT": "a.b.c", "INPUT_HOST": "x"}
    done = program.run("demo", *FAST, "--scenario", "no-step-detail", **real)
    assert done.returncode == 0


@pytest.mark.parametrize("speed", ["0", "nan", "inf"])
def test_a_speed_that_leads_nowhere_is_a_wrong_setting(program: Program, speed: str) -> None:
    done = program.run("demo", "--speed", speed)
    assert done.returncode == 2
    assert "--speed must be greater than 0" in done.stderr


def test_the_demo_takes_the_time_of_life_unless_it_is_given_a_speed(program: Program) -> None:
    begun = time.monotonic()
    assert program.run("demo", "--scenario", "no-step-detail").returncode == 0
    # The run of this scenario takes 2 s of life, and that of the other a quarter of an hour.
    assert time.monotonic() - begun >= 2
    assert program.run("demo", "--scenario", "long", "--speed", "10000").returncode == 0


def test_the_demo_goes_by_the_settings_that_its_help_names(program: Program) -> None:
    done = program.run("demo", GATEKEEPER_TIMEOUT="soon", GATEKEEPER_ACCEPT="everything")
    assert done.returncode == 2
    assert "GATEKEEPER_TIMEOUT" in done.stderr
    assert "GATEKEEPER_ACCEPT" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "99999"),
        ("--bind", "nonsense"),
        ("--speed", "0"),
        ("--suite", "banking-transfer"),
        ("--suite", "Mine=nonsense"),
        ("--certificate", "nowhere.pem"),
    ],
)
def test_a_simulator_that_cannot_serve_is_a_wrong_setting(
    program: Program, arguments: tuple[str, ...]
) -> None:
    done = program.run("simulate", *arguments)
    assert done.returncode == 2
    assert "the simulator cannot serve" in done.stderr
    assert "[Errno" not in done.stderr


def test_a_log_that_cannot_be_written_keeps_no_report_from_being_written(program: Program) -> None:
    answer = saved(program, "answer.json", finished(greeting()))
    check = f"exec {sys.executable} {ROOT / 'entrypoint.py'}"
    done = program.run("sh", "-c", f"{check} check {answer} >/dev/full")
    assert (done.returncode, done.stderr) == (0, "")
    assert "<testcase" in program.report()
    assert program.run("sh", "-c", f"{check} gate 2>/dev/full").returncode == 2


def test_a_path_that_names_no_file_is_a_report_that_cannot_be_written(program: Program) -> None:
    answer = saved(program, "answer.json", finished(greeting()))
    done = program.run("check", answer, "--junit", ".")
    assert (done.returncode, done.stderr) == (5, "")


def test_an_answer_on_a_closed_input_is_a_wrong_setting(program: Program) -> None:
    check = f"exec {sys.executable} {ROOT / 'entrypoint.py'} check - <&-"
    assert program.run("sh", "-c", check).returncode == 2


def test_an_id_that_is_no_text_does_not_break_the_outputs(program: Program) -> None:
    answer = saved(program, "answer.json", finished(greeting(), _id="\ud800x"))
    done = program.run("check", answer, GITHUB_OUTPUT=str(program.folder / "output"))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_scenario_that_there_is_not_is_told_with_those_there_are(program: Program) -> None:
    done = program.run("demo", "--scenario", "nonsense")
    assert done.returncode == 2
    assert "banking-transfer" in done.stderr


def exported(serving: subprocess.Popen[str]) -> dict[str, str]:
    """Read the settings that `simulate` prints."""
    assert serving.stdout is not None
    environ: dict[str, str] = {}
    while "GATEKEEPER_TEST_SUITE" not in environ:
        line = serving.stdout.readline()
        assert line, "it ended without printing its settings"
        if told := re.fullmatch(r"export (\w+)='?(.*?)'?\n", line):
            environ[told[1]] = told[2]
    return environ


def test_the_settings_that_simulate_prints_are_enough_for_a_gate(program: Program) -> None:
    with program.start("simulate", *FAST) as serving:
        assert program.run(**exported(serving)).returncode == 0
        serving.send_signal(signal.SIGINT)
        assert serving.wait(timeout=10) == 0


def test_simulate_makes_things_go_wrong_by_a_script(program: Program) -> None:
    faults = saved(program, "faults.json", [{"call": "start", "status": 500}])
    with program.start("simulate", "--faults", faults) as serving:
        assert program.run(**exported(serving)).returncode == 3
        serving.terminate()
    wrong = program.run("simulate", "--faults", saved(program, "faults.json", [{"call": "x"}]))
    assert wrong.returncode == 2
    assert "faults.json: a fault's call must be one of start, status" in wrong.stderr


def test_a_suite_of_ones_own_name_goes_as_a_scenario_does(program: Program) -> None:
    own = "Booking regression=v2"
    suite = f"{own}=banking-card-block"
    with program.start("simulate", *FAST, "--suite", suite) as serving:
        done = program.run(**exported(serving) | {"GATEKEEPER_TEST_SUITE": own})
        serving.terminate()
    assert done.returncode == 1
    assert "AskLastPayment" in done.stdout


def test_simulate_prints_the_settings_of_the_suites_that_it_is_given(program: Program) -> None:
    added = {"Booking regression": "banking-transfer", "A=ctr-1": "banking-card-block"}
    suites = [
        word for name, scenario in added.items() for word in ("--suite", f"{name}={scenario}")
    ]
    with program.start("simulate", *FAST, *suites) as serving:
        assert serving.stdout is not None
        read = iter(serving.stdout.readline, "")
        lines = list(takewhile(lambda line: not line.startswith("A=ctr"), read))
        serving.terminate()
    assert [line[4:28].strip() for line in lines[1:3]] == list(added)
    # The second one ends like a run to attach to, which it is not.
    assert lines[-1] == "export GATEKEEPER_TEST_SUITE='Booking regression\n"
    assert "banking-transfer" not in lines[-1]


def test_the_help_of_simulate_has_each_field_of_a_fault(program: Program) -> None:
    listed = program.run("simulate", "--help").stdout.partition("Faults:")[2]
    page = (ROOT / "docs/reference/simulator.md").read_text(encoding="utf-8")
    for field in fields(Fault):
        assert re.search(rf"^ +{field.name} +\S", listed, re.MULTILINE)
        assert f"| `{field.name}` |" in page


def test_the_faults_of_the_documentation_can_be_simulated() -> None:
    page = (ROOT / "docs/reference/simulator.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert blocks
    for block in blocks:
        assert read_faults(block)


def test_the_simulator_serves_https_by_a_certificate(program: Program) -> None:
    own = authority()
    leaf(own).serving(program.folder)
    bundle = str(own.write(program.folder / "ca.pem"))
    certificate = str(program.folder / "server.pem")
    with program.start("simulate", *FAST, "--certificate", certificate) as serving:
        settings = exported(serving)
        assert settings["GATEKEEPER_HOST"].startswith("https://")
        assert serving.stdout is not None
        assert "also set GATEKEEPER_CA_BUNDLE" in serving.stdout.readline()
        assert program.run(**settings, GATEKEEPER_CA_BUNDLE=bundle).returncode == 0
        assert program.run(**settings, GATEKEEPER_TIMEOUT="2s").returncode == 3
        serving.terminate()


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("gate", "--help")])
def test_version_and_help_are_told(program: Program, arguments: tuple[str, ...]) -> None:
    done = program.run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert __version__ in done.stdout or "Usage: gatekeeper" in done.stdout


def test_the_help_of_the_demo_lists_the_scenarios(program: Program) -> None:
    listed = program.run("demo", "--help").stdout.partition("Scenarios:")[2]
    for name in scenario_names():
        assert re.search(rf"^  {name} +\S", listed, re.MULTILINE)


def test_version_and_help_import_nothing_of_the_job() -> None:
    heavy = {
        "requests",
        "jwt",
        "backoff",
        "msgspec",
        "junit_xml",
        "gatekeeper.watch.run",
        "http.server",
    }
    code = "import sys; from gatekeeper.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert not heavy & set(done.stdout.splitlines()[-1].split())


def test_the_package_runs_as_a_module(program: Program) -> None:
    command = [sys.executable, "-m", "gatekeeper", "--version"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == program.run("--version").stdout


def test_given_a_shell_the_entrypoint_becomes_it(program: Program) -> None:
    assert program.run("sh", "-c", "echo $0 $1", "zero", "one").stdout == "zero one\n"
    assert program.feed("hello", "cat").stdout == "hello"


# Found by Python before anything else: the import of `click` begins, and takes its time.
SLOW_CLICK = """
import sys
import time


class Slow:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "click":
            print("on", flush=True)
            time.sleep(30)


sys.meta_path.insert(0, Slow)
"""


def test_a_sigterm_during_the_imports_ends_the_program(tmp_path: Path) -> None:
    """Imports are held up by a module of the program's own that takes its time."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_CLICK, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(ROOT / "entrypoint.py")],
        env={"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"on\n"
        running.terminate()
        assert running.wait(timeout=5) == 143
