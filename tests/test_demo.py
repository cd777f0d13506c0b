"""The demo: its scenarios, retries, and the page that it leads to."""

import json
import shlex
import sys

import pytest

from gatekeeper.simulator import scenario_names
from support.program import Program

FAST = ("--speed", "1000")
# Prints nothing: it writes down what it is to open.
BROWSER = "import pathlib, sys; pathlib.Path('opened').write_text(sys.argv[1])"


def test_the_scenarios_are_listed_one_per_line(program: Program) -> None:
    done = program.run("demo", "--list")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(scenario_names())


def test_the_flaky_scenario_fails_once_and_passes_on_its_retry(program: Program) -> None:
    done = program.run("demo", "--scenario", "flaky", *FAST)
    assert done.returncode == 0
    [run] = json.loads(program.report("result.json"))["runs"]
    assert run["flaky"]
    assert [attempt["verdict"] for attempt in run["earlier"]] == ["failed"]
    assert "flaky" in done.stdout


@pytest.mark.parametrize("flags", [("--retries", "0"), ("--fail-on-flaky",)])
def test_the_flaky_scenario_obeys_the_settings_of_retries(
    program: Program, flags: tuple[str, ...]
) -> None:
    assert program.run("demo", "--scenario", "flaky", *FAST, *flags).returncode == 1


@pytest.mark.parametrize("scenario", ["banking-transfer", "banking-card-block"])
def test_the_last_line_says_which_file_to_open(program: Program, scenario: str) -> None:
    done = program.run("demo", "--scenario", scenario, *FAST, "--report-dir", "out")
    last = done.stdout.splitlines()[-1]
    assert last == "To see the conversation, open out/report.html in a browser, or add --open."


def test_nothing_is_to_be_opened_without_a_page(program: Program) -> None:
    quiet = program.run("demo", *FAST, "--reports", "junit")
    assert quiet.stdout.splitlines()[-1].endswith("(exit code 0)")
    asked = program.run("demo", *FAST, "--reports", "junit", "--open")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "report.html was not written, so there is nothing to open" in asked.stdout
    refused = program.run("demo", "--timeout", "soon", "--open")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_the_page_is_opened_in_the_browser_of_the_user(program: Program) -> None:
    browser = f"{sys.executable} -c {shlex.quote(BROWSER)} %s"
    done = program.run("demo", *FAST, "--open", "--report-dir", "a b#", BROWSER=browser)
    assert done.returncode == 0
    page = (program.folder / "a b#/report.html").resolve()
    assert (program.folder / "opened").read_text(encoding="utf-8") == page.as_uri()


def test_a_browser_that_does_not_start_leaves_the_verdict(program: Program) -> None:
    flags = ("--scenario", "banking-card-block", "--open")
    done = program.run("demo", *FAST, *flags, BROWSER="/nowhere/browser %s", PATH="")
    assert (done.returncode, done.stderr) == (1, "")
    assert "no browser could be started: open gatekeeper-report/report.html" in done.stdout
