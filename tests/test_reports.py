"""Which reports a gate writes: those that were asked for, and everything else goes by them."""

import json
import re
from pathlib import Path

import pytest

from support.builders import finished, response, step, text
from support.github_runner.commands import outputs_of
from support.program import ROOT, Program

ANSWER = ROOT / "tests/golden/banking-card-block.answer.json"
FILES = {
    "junit": "junit.xml",
    "result": "result.json",
    "page": "report.html",
    "summary": "summary.md",
    "badge": "badge.svg",
}


FAILING = step("pay", response("No.", text=text("Yes.", status="failed")), status="failed")


def written(program: Program) -> set[str]:
    folder = program.folder / "gatekeeper-report"
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


def test_all_reports_are_written_unless_told_otherwise(program: Program) -> None:
    assert program.run("check", str(ANSWER)).returncode == 1
    assert written(program) == set(FILES.values())


@pytest.mark.parametrize(
    "asked", ["junit", "result", "page", "summary", "badge", "junit,result", "badge, page"]
)
def test_only_the_reports_that_were_asked_for_are_written(program: Program, asked: str) -> None:
    done = program.run("check", "--reports", asked, str(ANSWER))
    assert done.returncode == 1, done.stdout + done.stderr
    names = {FILES[name.strip()] for name in asked.split(",")}
    assert written(program) == names
    [told] = [line for line in done.stdout.splitlines() if line.startswith("reports: ")]
    assert {Path(path).name for path in told.removeprefix("reports: ").split(", ")} == names


def test_the_xml_has_the_label_and_if_asked_for_the_lines_of_the_steps(program: Program) -> None:
    messages = [{"input": "hello"}, {"input": "pay"}]
    suite = json.dumps({"testCases": [{"messages": messages}]}, indent=0)
    (program.folder / "suite.json").write_text(suite, encoding="utf-8")
    steps = (step("hello", response("Hi!", text=text("Hi!"))), FAILING)
    answer = json.dumps(finished(*steps, status="failed"))
    (program.folder / "answer.json").write_text(answer, encoding="utf-8")
    named = {"GATEKEEPER_LABEL": "staging", "GATEKEEPER_SOURCE_MAP": "suite.json"}
    rich = ("check", "--junit-profile", "rich", "answer.json", "nowhere.json")
    # The names are the same in every report, that of invalid settings included.
    assert program.run(*rich, **named).returncode == 2
    assert 'classname="staging: settings: run"' in program.report()
    assert program.run(*rich[:-1], **named).returncode == 1
    for line, name in ((6, "hello"), (9, "pay")):
        case = f'name="{name}" classname="staging: answer" file="suite.json" line="{line}"'
        assert case in program.report()
    merged = program.run("merge", "gatekeeper-report", "--report-dir", "merged")
    assert merged.returncode == 1
    xml = (program.folder / "merged" / "junit.xml").read_text(encoding="utf-8")
    assert xml == re.sub(' file="suite.json" line="[0-9]"', "", program.report())


def test_an_unknown_report_is_refused_with_those_that_there_are(program: Program) -> None:
    done = program.run("check", "--reports", "junit,html", str(ANSWER))
    assert done.returncode == 2
    assert (
        "--reports: unknown report 'html': choose from junit, result, page, summary, badge"
        in done.stderr
    )
    # Nobody can know which were meant, so that all tell of it.
    assert written(program) == set(FILES.values())


@pytest.mark.parametrize(
    ("value", "why"),
    [("[]", "is empty: add a report"), ('["html"]', "html"), ('"junit"', "an array")],
)
def test_the_file_names_reports_in_an_array_that_is_not_empty(
    program: Program, value: str, why: str
) -> None:
    (program.folder / "gatekeeper.toml").write_text(f"reports = {value}\n", encoding="utf-8")
    done = program.run("config")
    assert done.returncode == 2
    assert "gatekeeper.toml, line 1: reports" in done.stderr
    assert why in done.stderr


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("page,junit", "gatekeeper-report/report.html"),
        ("junit,summary", "gatekeeper-report/junit.xml"),
        ("result", "gatekeeper-report/result.json"),
        ("badge", "the platform"),
    ],
)
def test_what_the_log_leaves_out_is_looked_for_in_a_report_that_is_written(
    program: Program, asked: str, told: str
) -> None:
    wrong = [response("No", text=text("Yes", status="failed")) for _ in range(10)]
    answer = finished(step("hello", *wrong, status="failed"))
    done = program.feed(json.dumps(answer), "check", "--reports", asked, "-")
    assert f"more lines: see {told}" in done.stdout


def test_github_gets_a_job_summary_and_the_path_of_the_xml_only_where_they_are_written(
    program: Program,
) -> None:
    summary, output = program.folder / "step-summary", program.folder / "output"
    environ = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output)}
    program.run("check", "--reports", "badge", str(ANSWER), **environ)
    assert not summary.exists()
    outputs = outputs_of(output.read_text(encoding="utf-8"))
    assert (outputs["verdict"], outputs["junit"]) == ("failed", "")
    output.unlink()
    program.run("check", "--reports", "summary,junit", str(ANSWER), **environ)
    assert "failed" in summary.read_text(encoding="utf-8")
    outputs = outputs_of(output.read_text(encoding="utf-8"))
    assert outputs["junit"] == "gatekeeper-report/junit.xml"
