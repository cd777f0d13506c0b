"""Which of several values is used, and what `config` says about the rest."""

from typing import Any

import pytest

from gatekeeper.settings.catalogue import SETTINGS
from gatekeeper.settings.load import examine
from support.program import Program

SWITCHES = [setting for setting in SETTINGS if setting.kind.is_switch]
FILE = '[[suite]]\nname = "banking-transfer"\n'


def config(program: Program, *arguments: str, **environ: str) -> list[str]:
    done = program.run("config", *arguments, **COMPLETE | environ)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


COMPLETE = {
    "GATEKEEPER_HOST": "bots.kore.ai",
    "GATEKEEPER_STREAM_ID": "st-1",
    "GATEKEEPER_CLIENT_ID": "cs-1",
    "GATEKEEPER_CLIENT_SECRET": "s3cr3t-" * 6,
    "GATEKEEPER_USER_EMAIL": "dev@example.com",
}
"""Settings that are complete but for the suite."""


@pytest.mark.parametrize("setting", SWITCHES, ids=lambda setting: setting.name)
def test_a_switch_that_the_file_turns_on_can_be_turned_off(program: Program, setting: Any) -> None:
    (program.folder / "gatekeeper.toml").write_text(f"{setting.name} = true\n{FILE}")
    assert f"{setting.name} = true  (gatekeeper.toml)" in config(program)
    off = f"--no-{setting.name}"
    for arguments, environ, source in (
        ((off,), {}, off),
        ((), {setting.variable: "false"}, setting.variable),
        ((), {setting.input_variable: "False"}, f"input {setting.name}"),
    ):
        lines = config(program, *arguments, **environ)
        assert f"{setting.name} = {'False' if source[0] == 'i' else 'false'}  ({source})" in lines
        unused = f"not used: gatekeeper.toml: {setting.name} = true  (overridden by {source})"
        assert unused in lines


def test_a_switch_is_off_for_the_suite_whose_table_turns_it_on() -> None:
    flags = {"strict_text": False, "test_suite": ("A",)}
    _, settings = examine(flags, COMPLETE | {"GATEKEEPER_STRICT_TEXT": "true"})
    assert not settings.suites[0].policy.strict_text


def test_every_value_that_is_not_used_is_listed_with_the_reason(program: Program) -> None:
    (program.folder / "gatekeeper.toml").write_text(
        f'timeout = "20m"\nparallel = 3\n{FILE}timeout = "1h"\n'
    )
    lines = config(
        program,
        "--timeout",
        "5m",
        GATEKEEPER_TIMEOUT="45m",
        INPUT_TIMEOUT="30m",
        GATEKEEPER_PARALLEL="10",
        GATEKEEPER_PRIVATE_KEY="hush-hush-hush",
        GATEKEEPER_CLIENT_SECRET_FILE="",
    )
    table = 'gatekeeper.toml, suite "banking-transfer"'
    assert [line for line in lines if line.startswith("not used")] == [
        "not used: GATEKEEPER_TIMEOUT = 45m  (overridden by --timeout)",
        "not used: input timeout = 30m  (overridden by --timeout)",
        f"not used: {table}: timeout = 1h  (overridden by --timeout)",
        "not used: gatekeeper.toml: timeout = 20m  (overridden by --timeout)",
        "not used: GATEKEEPER_PRIVATE_KEY = ***  (jwt-algorithm is HS256)",
        f"not used: GATEKEEPER_PARALLEL = 10  ({_DEFAULT} gatekeeper.toml)",
    ]
    lines = config(program, GATEKEEPER_TIMEOUT="30m", INPUT_TIMEOUT="5m")
    assert [line for line in lines if line.startswith("not used")] == [
        f"not used: GATEKEEPER_TIMEOUT = 30m  ({_DEFAULT} {table})",
        f"not used: {table}: timeout = 1h  (overridden by input timeout)",
        "not used: gatekeeper.toml: timeout = 20m  (overridden by input timeout)",
    ]


_DEFAULT = "the default, which does not override"


def test_no_value_that_may_hold_a_secret_is_listed(program: Program) -> None:
    (program.folder / "gatekeeper.toml").write_text(FILE)
    lines = config(
        program,
        "--host",
        "bots.kore.ai",
        GATEKEEPER_HOST="https://user:pr0xy-pass@bots.kore.ai",
        GATEKEEPER_JWT="aaa.bbb.ccc",
        GATEKEEPER_CLIENT_SECRET="",
        GATEKEEPER_CLIENT_SECRET_FILE="hush-hush-hush",
    )
    assert "not used: GATEKEEPER_HOST = ***  (overridden by --host)" in lines
    assert "not used: GATEKEEPER_CLIENT_SECRET_FILE = ***  (a ready-made token is set)" in lines
    assert "not used: GATEKEEPER_CLIENT_ID = cs-1  (a ready-made token is set)" in lines


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"RUNNER_DEBUG": "1"}, "debug = true  (RUNNER_DEBUG)"),
        ({"RUNNER_DEBUG": "1", "GATEKEEPER_DEBUG": "false"}, "debug = false  (GATEKEEPER_DEBUG)"),
        ({"RUNNER_DEBUG": "1", "INPUT_DEBUG": "false"}, "debug = false  (input debug)"),
        ({"RUNNER_DEBUG": "0"}, None),
        ({"RUNNER_DEBUG": "no idea"}, None),
    ],
)
def test_debug_logging_of_the_runner_turns_on_debug(
    program: Program, environ: dict[str, str], line: str | None
) -> None:
    (program.folder / "gatekeeper.toml").write_text(FILE)
    lines = config(program, **environ)
    assert [text for text in lines if text.startswith("debug = ")] == ([line] if line else [])


def test_debug_logging_of_the_runner_is_in_the_log(program: Program) -> None:
    assert "  debug: " in program.run("demo", "--speed", "100", RUNNER_DEBUG="1").stdout
    assert "  debug: " not in program.run("demo", "--speed", "100").stdout
