"""Unfinished settings: unexpanded, in quotes, misspelled, or withheld by the platform."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.platforms import detect
from gatekeeper.settings.catalogue import BY_NAME, SETTINGS
from gatekeeper.settings.load import examine
from gatekeeper.settings.path_kinds import Folder
from gatekeeper.settings.setting import Setting
from gatekeeper.settings.unexpanded import why_unexpanded
from gatekeeper.settings.variables import unread_variables
from support.program import Program

SECRET = "hush-" * 8
COMPLETE = {
    "GATEKEEPER_HOST": "bots.kore.ai",
    "GATEKEEPER_STREAM_ID": "st-1",
    "GATEKEEPER_TEST_SUITE": "Booking",
    "GATEKEEPER_CLIENT_ID": "cs-1",
    "GATEKEEPER_CLIENT_SECRET": SECRET,
    "GATEKEEPER_USER_EMAIL": "dev@example.com",
}
QUOTES = "has quotes around it"
VARIABLE = "looks like a variable that was not expanded"
EXPRESSION = "looks like an expression that was not evaluated"
PLACEHOLDER = "looks like a placeholder"
UNFINISHED = {
    '"{}"': QUOTES,
    "'{}'": QUOTES,
    "$KORE_VALUE": VARIABLE,
    "${KORE_VALUE}": VARIABLE,
    "${KORE_VALUE:-none}": VARIABLE,
    "$(KORE_VALUE)": VARIABLE,
    "$(cat secret)": VARIABLE,
    "%KORE_VALUE%": VARIABLE,
    "${{ secrets.KORE_VALUE }}": EXPRESSION,
    "{{ kore_value }}": EXPRESSION,
    "$[[ inputs.value ]]": EXPRESSION,
    "<your value>": PLACEHOLDER,
}
REASONS = {"", *(why_unexpanded(Folder(), text) for text in (*UNFINISHED, "~", '""'))}
HOSTS = [
    *(text.replace("{}", "bots.kore.ai") for text in UNFINISHED),
    "https://$KORE_HOST",
    "$REGION.kore.ai",
    "https://<host>/",
    "~",
    "bots.kore.ai,",
    "bots.kore.ai;",
    "*.kore.ai",
]


def problems(environ: dict[str, str], flags: dict[str, str] | None = None) -> list[str]:
    return examine(flags or {}, COMPLETE | environ)[0].problems


def warnings(environ: dict[str, str]) -> list[str]:
    reader, settings = examine({}, COMPLETE | environ)
    assert settings.warnings == tuple(reader.warnings)
    return reader.warnings


@pytest.mark.proves(
    "a host in quotes, or that is a variable, an expression or a placeholder",
    "exit 2 at once, with what to do; no name is looked up",
)
def test_an_unfinished_host_is_refused_at_once(program: Program) -> None:
    for host in HOSTS:
        [problem] = problems({"GATEKEEPER_HOST": host})
        assert problem.startswith("GATEKEEPER_HOST: ")
        expected = next((why for text, why in UNFINISHED.items() if host == text), "")
        assert expected in problem
        assert problems({"GATEKEEPER_HOST": "", "INPUT_HOST": host})
        assert problems({}, {"host": host})
    (program.folder / "gatekeeper.toml").write_text("host = '${KORE_HOST}'\n", encoding="utf-8")
    environ = {name: value for name, value in COMPLETE.items() if name != "GATEKEEPER_HOST"}
    done = program.run("gate", **environ)
    assert done.returncode == 2
    assert f"gatekeeper.toml, line 1: host: the value {VARIABLE}" in done.stderr


@pytest.mark.parametrize(
    "name", ["client-id", "client-secret", "user-email", "test-suite", "junit"]
)
@pytest.mark.parametrize(("text", "why"), UNFINISHED.items())
def test_an_unfinished_value_is_warned_of_and_not_repeated(name: str, text: str, why: str) -> None:
    setting = BY_NAME[name]
    value = text.replace("{}", "cs-secret-part")
    [warning] = warnings({setting.variable: value})
    assert warning.startswith(f"{setting.variable}: the value {why}")
    assert value not in warning
    assert "cs-secret-part" not in warning


def test_an_unfinished_value_in_the_file_is_warned_of_with_its_place(program: Program) -> None:
    text = 'client-id = "${CLIENT_ID}"\nbaseline = "~/baseline.json"\n[[suite]]\nname = "A"\n'
    text += 'stream-id = "<st-1>"\ntimeout = "$TIMEOUT"\n'
    (program.folder / "gatekeeper.toml").write_text(text, encoding="utf-8")
    environ = {**COMPLETE, "GATEKEEPER_CLIENT_ID": "", "GATEKEEPER_STREAM_ID": ""}
    done = program.run("config", **environ)
    place = 'gatekeeper.toml, suite "A"'
    assert f"gatekeeper.toml: client-id: the value {VARIABLE}" in done.stdout
    assert f"{place}: stream-id: the value {PLACEHOLDER}" not in done.stderr
    assert f"{place}, line 6: timeout: the value {VARIABLE}" in done.stderr
    assert "new; ~ is not expanded in a value: write the full path" in done.stdout


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("~/reports", "~ is not expanded"),
        ("~", "~ is not expanded"),
        ("~ci/reports", "~ is not expanded"),
        ("$CI_PROJECT_DIR/reports", VARIABLE),
        ("reports/${CI_JOB_ID}", VARIABLE),
        (r"%TEMP%\reports", VARIABLE),
    ],
)
def test_a_path_is_not_expanded_and_says_so(path: str, why: str) -> None:
    [warning] = warnings({"GATEKEEPER_REPORT_DIR": path})
    assert why in warning
    [problem] = problems({"GATEKEEPER_CLIENT_SECRET": "", "GATEKEEPER_CLIENT_SECRET_FILE": path})
    assert "cannot read the file that it names" in problem
    assert why in problem
    assert path not in problem.partition("; ")[0]


def test_every_command_warns(program: Program) -> None:
    environ = {"GATEKEEPER_REPORT_DIR": "<reports>", "GATEKEEPER_TEST_SUITE": "$SUITE"}
    warned = "warning: GATEKEEPER_REPORT_DIR: the value looks like a placeholder"
    for command in (("check", "none.json"), ("merge", "none"), ("demo", "--speed", "100")):
        done = program.run(*command, **environ)
        assert warned in done.stdout + done.stderr
    done = program.run("plan", "--shards", "1", **environ)
    assert done.returncode == 0
    assert f"warning: GATEKEEPER_TEST_SUITE: the value {VARIABLE}" in done.stderr
    done = program.run("gate", **COMPLETE | environ | {"GATEKEEPER_TIMEOUT": "soon"})
    assert done.returncode == 2
    assert warned in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "Booking",
        "a $HOME b",
        "50 % off %",
        "What's up?",
        "\"Hi\" and 'bye'",
        "a < b > c",
        "$1",
        "~",
    ],
)
def test_an_ordinary_name_is_not_warned_of(text: str) -> None:
    assert not warnings({"GATEKEEPER_TEST_SUITE": text})


@given(st.sampled_from(SETTINGS), st.text(max_size=20))
def test_any_value_is_unfinished_for_one_of_a_few_reasons(setting: Setting[Any], text: str) -> None:
    """So that no reason can contain a value."""
    assert why_unexpanded(setting.kind, text) in REASONS


@pytest.mark.proves(
    "a secret that is the path of a file, as GitLab's file variables are",
    "exit 2, with the setting to use instead; the path is not shown",
)
@pytest.mark.parametrize("name", ["client-secret", "jwt", "private-key"])
def test_a_secret_that_is_the_path_of_a_file_is_named(program: Program, name: str) -> None:
    file = program.folder / "GATEKEEPER_SECRET"
    file.write_text(SECRET, encoding="utf-8")
    algorithm = "RS256" if name == "private-key" else "HS256"
    environ = COMPLETE | {"GATEKEEPER_CLIENT_SECRET": "", "GATEKEEPER_JWT_ALGORITHM": algorithm}
    done = program.run("gate", **environ | {BY_NAME[name].variable: str(file)})
    assert done.returncode == 2
    instead = f"{name} is the path of a file: set {name}-file instead"
    assert done.stderr.splitlines()[1:] == [f"  - {BY_NAME[name].variable}: {instead}"]
    assert str(file) not in done.stderr


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("GATEKEEPER_TIMOUT", "did you mean GATEKEEPER_TIMEOUT?"),
        ("GATEKEEPER_TEST_SUITES", "did you mean GATEKEEPER_TEST_SUITE?"),
        ("GATEKEEPER_CLIENTID", "did you mean GATEKEEPER_CLIENT_ID?"),
        ("GATEKEEPER_CLIENT-ID", "did you mean GATEKEEPER_CLIENT_ID?"),
        ("GATEKEEPER_SUITE", "did you mean GATEKEEPER_TEST_SUITE?"),
        ("GATEKEEPER_LANGUAGE", "did you mean GATEKEEPER_BOT_LANGUAGE?"),
        ("gatekeeper_timeout", "did you mean GATEKEEPER_TIMEOUT?"),
        ("GATEKEEPER_MIN_PASS_RATE", "set min-pass-rate in the configuration file"),
    ],
)
def test_a_variable_with_a_misspelled_name_is_warned_of(name: str, meant: str) -> None:
    [warning] = warnings({name: SECRET[::-1]})
    assert warning == f"{name} is not read: {meant}"


@pytest.mark.parametrize(
    "name",
    [
        "GATEKEEPER_PORT",
        "GATEKEEPER_PORT_443_TCP_ADDR",
        "GATEKEEPER_SERVICE_HOST",
        "GATEKEEPER_SERVICE_PORT_HTTPS",
        "GATEKEEPER_TEST_SUITE_SERVICE_HOST",
        "GATEKEEPER_VERSION",
        "GATEKEEPER_IMAGE",
        "MY_GATEKEEPER_TIMOUT",
        "INPUT_TIMOUT",
        *(setting.variable for setting in SETTINGS),
    ],
)
def test_other_variables_are_not_warned_of(name: str) -> None:
    assert not list(unread_variables([name], ""))


def test_a_variable_that_the_file_mentions_is_not_warned_of(program: Program) -> None:
    environ = COMPLETE | {"GATEKEEPER_TIMOUT": SECRET[::-1]}
    done = program.run("config", **environ)
    assert "warning: GATEKEEPER_TIMOUT is not read: did you mean" in done.stdout
    assert SECRET[::-1] not in done.stdout
    (program.folder / "gatekeeper.toml").write_text("# GATEKEEPER_TIMOUT is for another tool\n")
    assert "GATEKEEPER_TIMOUT" not in program.run("config", **environ).stdout


def event(folder: Path, head: str | None) -> dict[str, str]:
    """Write a pull request's event, from a branch of this repository, and return the variables."""
    repository = head and {"full_name": head}
    base = {"full_name": "owner/app"}
    pull_request = {"head": {"repo": repository}, "base": {"repo": base}}
    path = folder / "event.json"
    path.write_text(json.dumps({"pull_request": pull_request}), encoding="utf-8")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(path),
    }


GITLAB = {"GITLAB_CI": "true", "CI_PROJECT_ID": "1", "CI_COMMIT_REF_PROTECTED": "true"}


@pytest.mark.proves(
    "an empty secret in a pull request from a fork, a job of Dependabot, a merge request from a "
    "fork, or on an unprotected branch of GitLab",
    "exit 2, with why the platform withholds it and what to do",
)
def test_an_empty_secret_that_is_withheld_says_why(program: Program) -> None:
    fork = event(program.folder, "somebody/app")
    for environ, why in (
        (fork, "This pull request is from a fork, and GitHub gives its jobs no secrets"),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "dependabot[bot]"},
            "Dependabot started this job, and GitHub gives it only Dependabot secrets",
        ),
        (
            GITLAB | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"},
            "This merge request is from a fork",
        ),
        (
            GITLAB
            | {
                "CI_MERGE_REQUEST_PROJECT_ID": "2",
                "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
            },
            "This merge request is from a fork",
        ),
        (
            GITLAB | {"CI_COMMIT_REF_PROTECTED": "false"},
            "This branch or tag is not protected, so protected variables are empty here",
        ),
    ):
        for command in ("gate", "config"):
            done = program.run(command, **COMPLETE | environ | {"GATEKEEPER_CLIENT_SECRET": ""})
            assert done.returncode == 2
            assert "client-secret is missing (it signs HS256 tokens)" in done.stderr
            assert f"the input client-secret. {why}" in done.stderr
    assert "This branch or tag is not protected" in program.report("result.json")


def test_a_job_that_gets_its_secrets_does_not_say_so(tmp_path: Path) -> None:
    own = event(tmp_path, "owner/app")
    for environ in (
        {},
        own,
        GITLAB,
        GITLAB | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1"},
        own | {"GITHUB_EVENT_PATH": "/nowhere"},
        own | {"GITHUB_EVENT_PATH": ""},
        own | {"GITHUB_EVENT_PATH": os.devnull},
    ):
        assert not detect(environ).why_no_secrets
    deleted = event(tmp_path, None)
    assert "from a fork" in detect(deleted).why_no_secrets
    with_secrets = deleted | {"GITHUB_EVENT_NAME": "pull_request_target"}
    assert not detect(with_secrets).why_no_secrets
    (tmp_path / "event.json").write_text("[[]]", encoding="utf-8")
    assert not detect(deleted).why_no_secrets
