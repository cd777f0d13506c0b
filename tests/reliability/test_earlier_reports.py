"""Earlier reports: never mistaken for the verdict of this gate."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import junitparser
import pytest

from gatekeeper.commands.earlier_reports import remove_earlier_reports
from gatekeeper.settings.reporting import examine_reporting
from gatekeeper.simulator import Simulator
from support.github_runner.commands import outputs_of
from support.program import ROOT, Program

ANSWER = str(ROOT / "tests/golden/hotel-arabic.answer.json")
FAILING = str(ROOT / "tests/golden/banking-card-block.answer.json")
REPORTS = {"junit.xml", "result.json", "report.html", "summary.md", "badge.svg"}


@pytest.fixture
def earlier(program: Program) -> Program:
    """Leave the reports of a gate that passed."""
    assert program.run("check", ANSWER).returncode == 0
    assert written(program) == REPORTS
    return program


def written(program: Program, folder: str = "gatekeeper-report") -> set[str]:
    place = program.folder / folder
    return {file.name for file in place.iterdir()} if place.exists() else set()


def result(program: Program) -> Any:
    return json.loads(program.report("result.json"))


WRONG: dict[str, tuple[str, ...]] = {
    "a setting is missing": ("gate",),
    "a setting is wrong": ("gate", "--timeout", "soon"),
    "a flag is unknown": ("gate", "--tset-suite", "Booking"),
    "a flag has no value": ("gate", "--test-suite"),
    "an answer is not there": ("check", "nowhere.json"),
    "no answer is named": ("check",),
    "no folder is named": ("merge",),
    "a shard cannot be": ("merge", ".", "--shards", "0"),
    "a scenario is unknown": ("demo", "--scenario", "nonsense"),
}


@pytest.mark.proves(
    "reports of an earlier green gate, and wrong settings or flags now",
    "exit 2, in every report and output",
)
@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_wrong_settings_leave_no_older_green_and_are_in_every_report(
    earlier: Program, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    outputs, job_summary = tmp_path / "outputs", tmp_path / "job-summary"
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_STEP_SUMMARY": str(job_summary),
    }
    done = earlier.run(*arguments, **github)
    assert done.returncode == 2, done.stdout + done.stderr
    problems = sum(line.startswith("  - ") for line in done.stderr.splitlines())
    assert done.stderr.count("::error") == problems >= 1
    saved = result(earlier)
    assert (saved["verdict"], saved["exit_code"]) == ("error", 2)
    assert [(run["test_suite"], run["verdict"]) for run in saved["runs"]] == [("settings", "error")]
    xml = junitparser.JUnitXml.fromstring(earlier.report().encode())
    assert (xml.tests, xml.errors, xml.failures) == (1, 1, 0)
    for name in ("summary.md", "report.html", "badge.svg"):
        assert "passed" not in earlier.report(name).lower().split("<style>")[0].split("</h1>")[0]
    assert "the settings have" in job_summary.read_text(encoding="utf-8")
    values = outputs_of(outputs.read_text(encoding="utf-8"))
    assert (values["verdict"], values["exit-code"]) == ("error", "2")


def test_reports_go_where_the_flags_say_though_one_of_them_is_unknown(earlier: Program) -> None:
    assert earlier.run("gate", "--nonsense", "x", "--report-dir", "elsewhere").returncode == 2
    assert written(earlier, "elsewhere") == REPORTS
    # Not the folder of this gate.
    assert result(earlier)["verdict"] == "passed"


def test_merge_takes_wrong_settings_of_a_shard_for_trouble(earlier: Program) -> None:
    assert earlier.run("gate", "--report-dir", "shards/1").returncode == 2
    done = earlier.run("merge", "shards")
    assert done.returncode == 3
    assert "settings" in done.stdout


def test_a_secret_in_the_wrong_setting_is_in_no_report(program: Program) -> None:
    secret = "s3cr3t-" * 6
    done = program.run("gate", GATEKEEPER_CLIENT_SECRET=secret, GATEKEEPER_TIMEOUT=secret)
    assert done.returncode == 2
    texts = [
        path.read_text(encoding="utf-8")
        for path in (program.folder / "gatekeeper-report").iterdir()
    ]
    assert not any("s3cr3t" in text for text in (done.stdout, done.stderr, *texts))


@pytest.mark.proves(
    "earlier reports, and fewer reports requested now", "only the requested ones are there"
)
def test_a_report_that_is_not_asked_for_now_is_removed_as_well(earlier: Program) -> None:
    (earlier.folder / "gatekeeper-report" / "results-file").write_text("x", encoding="utf-8")
    assert earlier.run("check", "--reports", "result", "--junit", "x.xml", FAILING).returncode == 1
    assert written(earlier) == {"result.json"}


@pytest.mark.proves(
    "a gate that is killed while its run is in progress", "no report of an earlier gate is left"
)
def test_earlier_reports_are_gone_before_the_run_is_started(earlier: Program) -> None:
    with Simulator(speed=0.001) as simulator:
        environ = simulator.environment()
        running = earlier.start("gate", **environ)
        try:
            assert running.stdout is not None
            for line in running.stdout:
                if "started run" in line:
                    break
            assert written(earlier) == set()
        finally:
            running.kill()
            running.communicate()
    assert written(earlier) == set()


@pytest.mark.proves(
    "SIGTERM while the settings are read", "exit 143; no report of an earlier gate is left"
)
@pytest.mark.parametrize("arguments", [("gate", "--config", "pipe"), ("check", "pipe")])
def test_a_signal_while_settings_are_read_leaves_no_older_green(
    earlier: Program, arguments: tuple[str, ...]
) -> None:
    os.mkfifo(earlier.folder / "pipe")
    # Opening it for writing waits for the program to read from it.
    with earlier.start(*arguments) as running, (earlier.folder / "pipe").open("wb"):
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=10)
    assert running.returncode == 143
    assert written(earlier) == set()


def test_wrong_settings_replace_no_file_of_somebody_else(program: Program) -> None:
    not_ours(program.folder)
    before = {path: path.read_bytes() for path in program.folder.iterdir() if path.is_file()}
    assert program.run("gate", "--report-dir", ".").returncode == 2
    assert {path: path.read_bytes() for path in before} == before


def not_ours(folder: Path) -> None:
    (folder / "summary.md").write_text("# Our summary\n", encoding="utf-8")
    (folder / "result.json").write_text('{"verdict": "passed"}', encoding="utf-8")
    (folder / "report.html").write_text("<!doctype html><title>Ours</title>", encoding="utf-8")
    (folder / "target").write_text("x", encoding="utf-8")
    (folder / "badge.svg").symlink_to("target")
    os.mkfifo(folder / "junit.xml")


def test_only_what_is_plainly_a_report_of_ours_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    not_ours(tmp_path)
    before = sorted(tmp_path.iterdir())
    _, reporting = examine_reporting({"report_dir": "."}, {})
    assert remove_earlier_reports(reporting) == []
    assert sorted(tmp_path.iterdir()) == before


def test_every_kind_of_report_is_known_again(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.folder)
    for arguments in (("check", ANSWER), ("check", FAILING), ("gate",), ("merge", "nowhere")):
        program.run(*arguments)
        assert written(program) == REPORTS
        _, reporting = examine_reporting({}, {})
        assert remove_earlier_reports(reporting) == []
        assert written(program) == set()


# Found by Python before anything else: nothing in a report folder can be removed.
KEEP = """
import os

unlink = os.unlink


def refuse(path, *arguments, **named):
    if "gatekeeper-report" in str(path):
        raise PermissionError(13, "Permission denied", str(path))
    unlink(path, *arguments, **named)


os.unlink = refuse
"""


@pytest.mark.proves(
    "an earlier report that cannot be removed",
    "exit 5, with a message; exit 3 if there is no verdict",
)
@pytest.mark.parametrize(("answer", "code"), [("hotel-arabic", 5), ("counters-disagree", 3)])
def test_a_report_that_cannot_be_removed_is_said(earlier: Program, answer: str, code: int) -> None:
    (earlier.folder / "sitecustomize.py").write_text(KEEP, encoding="utf-8")
    path = str(ROOT / f"tests/golden/{answer}.answer.json")
    done = earlier.run("check", "--reports", "result", path, PYTHONPATH=str(earlier.folder))
    assert done.returncode == code, done.stdout + done.stderr
    assert (
        "summary.md, a report of an earlier gate, could not be removed: Permission" in done.stdout
    )
    assert len(result(earlier)["unwritten"]) == len(REPORTS)


INPUTS = ("baseline", "history", "source-map", "config", "client-secret-file", "ca-bundle")
PLACES = {
    "the same path": "gatekeeper-report/result.json",
    "a way around": "nowhere/../gatekeeper-report/result.json",
    "an absolute path": "{folder}/gatekeeper-report/result.json",
    "a link": "link.json",
    "a path of the JUnit XML of its own": "own.xml",
    "the results file": "gatekeeper-report/results-file-2",
}


@pytest.mark.proves(
    "a report path that leads to a baseline, history, configuration, secret or other input",
    "exit 2 before anything is sent; the file is untouched",
)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("name", INPUTS)
def test_what_a_gate_judges_by_is_never_what_it_writes(
    program: Program, simulator: Simulator, name: str, place: str
) -> None:
    (program.folder / "gatekeeper-report").mkdir()
    (program.folder / "link.json").symlink_to("gatekeeper-report/result.json")
    target = (program.folder / place.format(folder=program.folder)).resolve()
    target.write_text(PRECIOUS[name], encoding="utf-8")
    path = place.format(folder=program.folder)
    environ = simulator.environment(suite="banking-card-block")
    if name == "client-secret-file":
        target.write_text(environ.pop("GATEKEEPER_CLIENT_SECRET"), encoding="utf-8")
    if name == "baseline":
        toml = f'baseline = "{path}"\n'
        (program.folder / "gatekeeper.toml").write_text(toml, encoding="utf-8")
    else:
        environ[f"GATEKEEPER_{name.upper().replace('-', '_')}"] = path
    before = target.read_bytes()
    done = program.run("gate", "--junit", "own.xml", **environ)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "would overwrite it" in done.stderr
    assert simulator.requests == []
    assert target.read_bytes() == before


PRECIOUS = dict.fromkeys(INPUTS, "") | {
    "baseline": (ROOT / "tests/golden/banking-card-block.result.json").read_text(encoding="utf-8"),
    "source-map": '{"testCases": []}',
    "client-secret-file": "secret",
}


@pytest.mark.proves(
    "a baseline that is the gate's own result.json",
    "exit 2 each time: a gate never excuses its own failure",
)
def test_a_failure_never_excuses_itself(program: Program, simulator: Simulator) -> None:
    toml = 'baseline = "gatekeeper-report/result.json"\n'
    (program.folder / "gatekeeper.toml").write_text(toml, encoding="utf-8")
    for _ in range(3):
        done = program.run("gate", **simulator.environment(suite="banking-card-block"))
        assert done.returncode == 2


@pytest.mark.proves("`--junit gatekeeper.toml`", "exit 2; the configuration is untouched")
def test_the_configuration_is_never_overwritten(program: Program, simulator: Simulator) -> None:
    config = program.folder / "gatekeeper.toml"
    config.write_text("retries = 1\n", encoding="utf-8")
    done = program.run("gate", "--junit", "gatekeeper.toml", **simulator.environment())
    assert done.returncode == 2
    assert config.read_text(encoding="utf-8") == "retries = 1\n"


@pytest.mark.proves(
    "`check` of the result.json that it would write", "exit 2; the file is untouched"
)
def test_an_answer_is_never_overwritten(program: Program) -> None:
    answer = program.folder / "gatekeeper-report" / "junit.xml"
    answer.parent.mkdir()
    shutil.copy(ANSWER, answer)
    assert program.run("check", str(answer)).returncode == 2
    assert answer.read_bytes() == Path(ANSWER).read_bytes()


@pytest.mark.proves(
    "`merge` into the folder of a report that it reads", "exit 2; that report is untouched"
)
@pytest.mark.parametrize(
    ("shard", "places"),
    [("1/2", ("shards/1", "shards/2")), ("1/2", ("shards",)), ("", ("shards/1", "shards/2"))],
)
@pytest.mark.parametrize(
    "flags",
    [("--report-dir", "shards/1"), ("--junit", "shards/1/result.json")],
    ids=("report-dir", "junit"),
)
def test_merge_never_writes_over_what_it_reads(
    program: Program,
    simulator: Simulator,
    shard: str,
    places: tuple[str, ...],
    flags: tuple[str, ...],
) -> None:
    for index in ("1", "2"):
        environ = simulator.environment() | {"GATEKEEPER_REPORT_DIR": f"shards/{index}"}
        environ |= {"GATEKEEPER_SHARD": f"{index}/2"} if shard else {}
        assert program.run(**environ).returncode == 0
    before = (program.folder / "shards/1/result.json").read_bytes()
    done = program.run("merge", *places, *flags)
    assert done.returncode == 2, done.stdout
    assert "would overwrite it (" in done.stderr
    assert (program.folder / "shards/1/result.json").read_bytes() == before


@pytest.mark.proves(
    "`merge` or `check` of files in the report folder, with a misspelled flag",
    "exit 2; its inputs are untouched",
)
@pytest.mark.parametrize(
    "arguments",
    [
        ("merge", "gatekeeper-report", "--nonsense"),
        ("merge", "--nonsense", "x", "gatekeeper-report/result.json"),
        ("check", "gatekeeper-report/result.json", "--nonsense"),
    ],
)
def test_a_misspelt_flag_costs_no_input(earlier: Program, arguments: tuple[str, ...]) -> None:
    before = earlier.report("result.json")
    assert earlier.run(*arguments).returncode == 2
    assert earlier.report("result.json") == before


@pytest.mark.proves("reports that share a path, directly or through links", "exit 2")
@pytest.mark.parametrize(
    "junit",
    [
        "gatekeeper-report/summary.md",
        "./x/../gatekeeper-report/badge.svg",
        "alias/result.json",
        "alias/results-file",
    ],
)
def test_reports_never_share_a_path(program: Program, junit: str) -> None:
    (program.folder / "gatekeeper-report").mkdir()
    (program.folder / "alias").symlink_to("gatekeeper-report")
    done = program.run("check", "--junit", junit, ANSWER)
    assert done.returncode == 2
    assert "path of another report" in done.stderr


def test_a_device_takes_a_report_and_stays_a_device(program: Program) -> None:
    null = program.folder / "null"
    os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    for path in ("/dev/null", str(null)):
        assert program.run("check", "--junit", path, ANSWER).returncode == 0
        assert stat.S_ISCHR(Path(path).stat().st_mode)


@pytest.mark.proves("junit is /dev/stdout", "the XML is in the output, whatever that is")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_takes_a_report_by_any_of_its_names(program: Program, name: str) -> None:
    done = program.run("check", "--junit", name, ANSWER)
    assert done.returncode == 0, done.stdout
    assert "</testsuites>" in done.stdout
    with (program.folder / "log").open("w+", encoding="utf-8") as log:
        log.write("before\n")
        log.flush()
        command = [sys.executable, str(ROOT / "entrypoint.py"), "check", "--junit", name, ANSWER]
        subprocess.run(command, cwd=program.folder, stdout=log, check=True, env=program.environ({}))
        log.seek(0)
        logged = log.read()
    assert logged.startswith("before\n")
    assert "</testsuites>" in logged
    assert "PASSED" in logged.splitlines()[-1]


@pytest.mark.proves("a pipe that somebody reads", "the report is written to it; it stays a pipe")
def test_a_pipe_takes_a_report_of_any_size(program: Program) -> None:
    pipe = program.folder / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    assert program.run("check", "--junit", "pipe", FAILING).returncode == 1
    reader.join(timeout=10)
    assert read[0].endswith("</testsuites>\n")
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


@pytest.mark.proves("a pipe that nobody reads", "exit 5 at once, with a message")
def test_a_pipe_without_a_reader_does_not_block(program: Program) -> None:
    os.mkfifo(program.folder / "pipe")
    done = program.run("check", "--junit", "pipe", ANSWER)
    assert done.returncode == 5
    assert "pipe could not be written: no process is reading from this pipe" in done.stdout


@pytest.mark.proves(
    "GitHub's summary is a pipe that nobody reads", "exit 5 at once, with a message"
)
def test_a_pipe_in_the_place_of_githubs_summary_does_not_block(program: Program) -> None:
    os.mkfifo(program.folder / "pipe")
    assert program.run("check", ANSWER, GITHUB_STEP_SUMMARY="pipe").returncode == 5


@pytest.mark.proves(
    "report-dir is a link out of the workspace", "exit 5, with a message; its target is untouched"
)
@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE", ""])
def test_a_report_folder_that_leads_out_of_the_workspace_is_refused(
    program: Program, tmp_path_factory: pytest.TempPathFactory, variable: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "summary.md").write_text("### ✅ gatekeeper: PASSED", encoding="utf-8")
    (program.folder / "reports").symlink_to(outside)
    environ = {variable: str(program.folder)} if variable else {}
    done = program.run("check", "--report-dir", "reports", ANSWER, **environ)
    assert done.returncode == 5
    assert "reports is a symbolic link out of the workspace" in done.stdout
    assert [path.name for path in outside.iterdir()] == ["summary.md"]
    assert (
        program.run("check", "--report-dir", "reports", "nowhere.json", **environ).returncode == 2
    )
    assert [path.name for path in outside.iterdir()] == ["summary.md"]


def test_a_report_folder_may_be_a_link_within_the_workspace(program: Program) -> None:
    (program.folder / "there").mkdir()
    (program.folder / "reports").symlink_to("there")
    assert program.run("check", "--report-dir", "reports", ANSWER).returncode == 0
    assert written(program, "there") == REPORTS


# Found by Python before anything else: one report, or the log, breaks as it is made.
BREAK = """
import sys


class Break:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "gatekeeper.core.MODULE":
            raise RuntimeError("a bug")


sys.meta_path.insert(0, Break)
"""


@pytest.mark.proves("a bug in a report", "exit 5, with a message; every other report is there")
@pytest.mark.parametrize(
    ("module", "file"),
    [
        ("reports.junit", "junit.xml"),
        ("result_file.write", "result.json"),
        ("reports.page.document", "report.html"),
        ("reports.summary", "summary.md"),
        ("reports.badge", "badge.svg"),
    ],
)
def test_a_report_that_cannot_be_made_takes_no_other_along(
    earlier: Program, module: str, file: str
) -> None:
    code = BREAK.replace("MODULE", module)
    (earlier.folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    for answer, expected in ((ANSWER, 5), (FAILING, 1)):
        done = earlier.run("check", answer, PYTHONPATH=str(earlier.folder))
        assert done.returncode == expected, done.stdout + done.stderr
        assert f"{file} could not be created; internal error, please report it" in done.stdout
        assert written(earlier) == REPORTS - {file}
