"""The settings in force as JSON, for other programs."""

import json

import pytest

from support.log_commands import commands_in
from support.program import Program

SECRET = "s3cr3t-" * 6
FILE = """
host = "bots.kore.ai"
timeout = "45m"
[[suite]]
name = "A ##vso[task.complete result=Succeeded;]"
stream-id = "st-1"
languages = ["en", "de"]
retries = 2
min-pass-rate = 95
"""


def test_the_settings_in_force_are_printed_as_json(program: Program) -> None:
    (program.folder / "gatekeeper.toml").write_text(FILE, encoding="utf-8")
    environ = {
        "GATEKEEPER_CLIENT_ID": "cs-1",
        "GATEKEEPER_CLIENT_SECRET": SECRET,
        "GATEKEEPER_USER_EMAIL": "developer@example.com",
        "GATEKEEPER_TIMEOUT": "30m",
        "GATEKEEPER_TIMOUT": "1h",
    }
    done = program.run("config", "--json", "--parallel", "3", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert commands_in(done.stdout) == []
    shown = json.loads(done.stdout)
    assert shown["settings"]["parallel"] == {"value": "3", "source": "--parallel"}
    assert shown["settings"]["client-secret"]["value"] == "***"
    [unused] = shown["unused"]
    assert (unused["setting"], unused["value"]) == ("timeout", "30m")
    assert [suite["language"] for suite in shown["suites"]] == ["en", "de"]
    first = shown["suites"][0]
    assert first["test_suite"] == "A ##vso[task.complete result=Succeeded;]"
    assert (first["timeout"], first["retries"], first["min_pass_rate"]) == (2700, 2, 95)
    assert len(shown["notes"]) == len(shown["warnings"]) == 1
    assert shown["problems"] == []


@pytest.mark.proves(
    "a secret in the wrong setting, shown by `config --json` in a job on GitHub",
    "it is masked, and what is printed stays JSON",
)
def test_problems_are_json_too_and_no_secret_is_shown(program: Program) -> None:
    environ = {"GATEKEEPER_CLIENT_SECRET": SECRET, "GITHUB_ACTIONS": "true"}
    done = program.run("config", "--json", "--label", f"x {SECRET}", "--timeout", "soon", **environ)
    assert done.returncode == 2
    assert SECRET not in done.stdout
    shown = json.loads(done.stdout)
    assert shown["settings"]["label"]["value"] == "x ***"
    assert any(problem.startswith("--timeout: ") for problem in shown["problems"])
    assert "the settings have" in done.stderr
