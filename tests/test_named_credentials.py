"""Several apps in one gate, each with its own credentials."""

from __future__ import annotations

import json
import re

import pytest

from gatekeeper.kore.token_claims import FRESH_TOKENS
from support.program import Program
from support.two_apps import FILE, SECRETS, Booking, Loyalty, two_apps

BOOKING, LOYALTY = SECRETS
OWN = {("st-booking", "cs-booking"), ("st-loyalty", "cs-loyalty")}
OTHER_SECRET = "this-secret-is-none-of-any-app-but-long-enough"


def write_file(program: Program, text: str = FILE) -> None:
    (program.folder / "gatekeeper.toml").write_text(text, encoding="utf-8")


def runs(program: Program) -> dict[str, tuple[str, str]]:
    """Return the verdict of each suite, and all of its reasons and next steps as one text."""
    saved = json.loads(program.report("result.json"))["runs"]
    return {run["test_suite"]: (run["verdict"], json.dumps(run)) for run in saved}


@pytest.mark.proves(
    "two apps with their own credentials in one gate, and a suite that is retried",
    "each app receives tokens of its own credentials only",
)
def test_each_app_receives_tokens_of_its_own_credentials_only(program: Program) -> None:
    text = FILE.replace('name = "hotel', 'languages = ["ar", "en"]\nname = "hotel')
    write_file(program, text.replace("banking-transfer", 'banking-card-block"\nretries = 1 # "'))
    with two_apps() as (host, sent):
        # These are of nobody: every suite has credentials of its own.
        unnamed = {"GATEKEEPER_CLIENT_ID": "cs-0", "GATEKEEPER_CLIENT_SECRET": OTHER_SECRET}
        done = program.run("gate", GATEKEEPER_HOST=host, **SECRETS, **unnamed)
    assert done.returncode == 1, done.stderr
    assert set(sent) == OWN
    # A start and a poll for each of two attempts and two languages.
    assert len(sent) == 8


@pytest.mark.proves(
    "a job that has the stream id of one app, and a suite of another app in its configuration",
    "each suite runs in the stream of its credentials; a warning says that the other is not used",
)
def test_no_app_receives_tokens_of_another_one_by_the_stream_id_of_the_job(
    program: Program,
) -> None:
    write_file(program)
    with two_apps() as (host, sent):
        environ = {"GATEKEEPER_HOST": host, "GATEKEEPER_STREAM_ID": "st-booking"} | SECRETS
        started = program.run("start", **environ)
        done = program.run("gate", "--attach", "gatekeeper-report/runs.json", **environ)
    assert (started.returncode, done.returncode) == (0, 0)
    assert set(sent) == OWN
    assert "warning: GATEKEEPER_STREAM_ID is not used: " in done.stdout


@pytest.mark.proves(
    "one of two apps refuses its token",
    "exit 3; the error names the credentials and their variables; the other app's suite passes",
)
def test_a_refused_token_is_an_error_of_its_own_suite_that_names_the_credentials(
    program: Program,
) -> None:
    write_file(program)
    wrong = SECRETS | {BOOKING: OTHER_SECRET}
    with two_apps() as (host, sent):
        done = program.run("gate", GATEKEEPER_HOST=host, **wrong)
        examined = program.run("doctor", GATEKEEPER_HOST=host, **wrong)
    assert (done.returncode, examined.returncode) == (3, 3)
    assert set(sent) == OWN
    found = runs(program)
    assert {name: verdict for name, (verdict, _) in found.items()} == {
        "banking-transfer": "error",
        "hotel-arabic": "passed",
    }
    what = 'HTTP 401 Invalid SDK credentials, with credentials "booking"'
    advice = f"compare client-id, {BOOKING}, jwt-algorithm and stream-id"
    for text in (done.stdout, examined.stdout):
        assert what in text
        assert f"next: {advice}" in text
        assert "client-secret" not in text
    assert json.dumps(what)[1:-1] in found["banking-transfer"][1]
    assert re.findall(r'^(\S) (?:credentials|suite) "(\S+)"', examined.stdout, re.MULTILINE) == [
        ("✓", "booking"),
        ("✓", "loyalty"),
        ("✗", "banking-transfer"),
        ("✓", "hotel-arabic"),
    ]


def test_a_command_that_fails_is_named_with_its_credentials(program: Program) -> None:
    commands = re.sub(
        r'client-id = .*\nclient-secret(.*)_CLIENT_SECRET"', r'jwt-command\1_JWT_COMMAND"', FILE
    )
    write_file(program, commands)
    environ = {
        "GATEKEEPER_HOST": "bots.invalid",
        "GATEKEEPER_BOOKING_JWT_COMMAND": "false",
        "GATEKEEPER_LOYALTY_JWT_COMMAND": "no-such-program",
    }
    done = program.run("start", **environ)
    assert done.returncode == 3
    why = '_JWT_COMMAND of credentials "{}"'
    assert f"GATEKEEPER_BOOKING{why.format('booking')} exited with code 1" in done.stdout
    assert f"GATEKEEPER_LOYALTY{why.format('loyalty')} cannot be run: no-such-" in done.stdout


def test_an_app_refused_for_one_of_its_credentials_is_still_tried_with_others(
    program: Program,
) -> None:
    """Three suites of one app: nothing more is sent with the credentials that it refused."""
    same = FILE.replace("st-loyalty", "st-booking").replace("cs-loyalty", "cs-booking")
    more = '[[suite]]\nname = "airline-rebooking"\ncredentials = "booking"\n'
    write_file(program, same + more)
    environ = {BOOKING: OTHER_SECRET, LOYALTY: Booking.client_secret}
    with two_apps() as (host, sent):
        done = program.run("doctor", GATEKEEPER_HOST=host, **environ)
    assert len(sent) == 2
    assert re.findall(r'^(\S) suite "(\S+)"', done.stdout, re.MULTILINE) == [
        ("✗", "banking-transfer"),
        ("✓", "hotel-arabic"),
        ("-", "airline-rebooking"),
    ]


def test_doctor_checks_what_it_can_if_a_variable_is_missing(program: Program) -> None:
    write_file(program)
    with two_apps() as (host, sent):
        done = program.run("doctor", GATEKEEPER_HOST=host, **{LOYALTY: Loyalty.client_secret})
    assert done.returncode == 2
    assert set(sent) == {("st-loyalty", "cs-loyalty")}
    assert f'✗ settings: gatekeeper.toml, credentials "booking", line 7: {BOOKING} is not set' in (
        done.stdout
    )
    why = "not checked: there is a problem with these credentials"
    assert f'- credentials "booking": {why}' in done.stdout
    assert f'- suite "banking-transfer": {why}' in done.stdout


def test_doctor_checks_the_suites_whose_credentials_are_known(program: Program) -> None:
    write_file(program, FILE.replace('credentials = "booking"', 'credentials = "bookign"'))
    with two_apps() as (host, sent):
        done = program.run("doctor", GATEKEEPER_HOST=host, **SECRETS)
    assert done.returncode == 2
    assert sent == [("st-loyalty", "cs-loyalty")]
    assert '- credentials "bookign": not checked' in done.stdout
    assert '- suite "banking-transfer": not checked' in done.stdout
    assert '✓ suite "hotel-arabic": found' in done.stdout


def test_doctor_checks_no_credentials_if_no_suite_chooses_any(program: Program) -> None:
    write_file(program)
    with two_apps() as (host, sent):
        done = program.run("doctor", "--tag", "none", GATEKEEPER_HOST=host, **SECRETS)
    assert (done.returncode, sent) == (2, [])
    assert "- credentials: not checked: no suite is set" in done.stdout


def test_a_missing_variable_says_why_a_job_has_no_secrets(program: Program) -> None:
    """On Azure, which passes a reference to a variable that does not exist on as it is."""
    write_file(program)
    azure = {"TF_BUILD": "True", "SYSTEM_PULLREQUEST_ISFORK": "True"}
    environ = SECRETS | azure | {BOOKING: "$(BOOKING_SECRET)"}
    with two_apps() as (host, sent):
        done = program.run("gate", GATEKEEPER_HOST=host, **environ)
    assert (done.returncode, sent) == (2, [])
    assert f'{BOOKING} is not set, or empty, but suite "banking-transfer" uses' in done.stderr
    assert "This pull request is from a fork, and Azure Pipelines gives its builds" in done.stderr


@pytest.mark.proves(
    "the secrets of credentials with a name, of a table that no suite uses too, in a job on GitHub",
    "they are registered as masks before any other line, and masked in what commands print",
)
@pytest.mark.parametrize("command", ["gate", "config", "doctor", "merge"])
def test_the_secrets_of_all_tables_are_masked_from_the_start(
    program: Program, command: str
) -> None:
    write_file(program, FILE.replace('credentials = "loyalty"', 'credentials = "booking"'))
    environ = SECRETS | {"GITHUB_ACTIONS": "true", "GATEKEEPER_LABEL": f"x {SECRETS[LOYALTY][:90]}"}
    with two_apps() as (host, _):
        done = program.run(
            command, *(["."] if command == "merge" else []), GATEKEEPER_HOST=host, **environ
        )
    masks = [f"::add-mask::{secret}" for secret in SECRETS.values()]
    printed = (done.stdout + done.stderr).splitlines()
    assert set(masks) <= set(printed)
    first = next(number for number, line in enumerate(printed) if "::add-mask::" not in line)
    assert all(line.startswith("::add-mask::") for line in printed[:first])
    assert set(masks) <= set(printed[:first])
    reports = [path.read_text() for path in program.folder.rglob("gatekeeper-report/*")]
    shown = "\n".join([*printed[first:], *reports])
    assert not [secret for secret in SECRETS.values() if secret in shown]


@pytest.mark.proves(
    "a changed configuration file that has a variable run as a command, its path read as a secret, "
    "or tokens sent to another host",
    "exit 2; nothing is run, read or sent",
)
def test_a_changed_file_runs_reads_and_sends_nothing(program: Program) -> None:
    """The variable is the title of the pull request, say, which its author chooses."""
    title = {"GATEKEEPER_TITLE": f"touch {program.folder / 'run'}"}
    changed = FILE.replace("client-secret-variable", "{}").replace(BOOKING, "GATEKEEPER_TITLE")
    with two_apps() as (host, sent):
        for key in ("jwt-command-variable", "client-secret-file-variable", "jwt-variable"):
            write_file(program, changed.replace("{}", key, 1).replace("{}", key))
            done = program.run("gate", GATEKEEPER_HOST="https://bots.invalid", **SECRETS, **title)
            assert done.returncode == 2
            assert f"line 7: {key}: must be the name of a variable" in done.stderr
        write_file(program, f'host = "{host}"\n{FILE}')
        done = program.run("gate", **SECRETS)
    assert done.returncode == 2
    assert "line 1: host: must not be in the file" in done.stderr
    assert not (program.folder / "run").exists()
    assert sent == []


def test_a_shard_needs_the_secrets_of_its_own_suites_only(program: Program) -> None:
    write_file(program)
    with two_apps() as (host, sent):
        for number, (suite, variable) in enumerate(
            (("banking-transfer", BOOKING), ("hotel-arabic", LOYALTY)), 1
        ):
            flags = ("--shard", f"{number}/2", "--report-dir", f"shards/{number}")
            environ = {"GATEKEEPER_HOST": host, variable: SECRETS[variable]}
            done = program.run("gate", "--test-suite", suite, *flags, **environ)
            assert done.returncode == 0, done.stderr
    assert set(sent) == OWN
    assert program.run("merge", "shards").returncode == 0
    planned = program.run("plan", "--shards", "2")
    assert planned.returncode == 0, planned.stderr


def test_config_shows_the_tables_and_variables_but_no_value(program: Program) -> None:
    text = FILE.replace('client-id = "cs-loyalty"', 'client-id-variable = "GATEKEEPER_L_CLIENT_ID"')
    write_file(program, text)
    environ = SECRETS | {"GATEKEEPER_HOST": "bots.kore.ai", "GATEKEEPER_L_CLIENT_ID": "cs-hidden"}
    done = program.run("config", **environ)
    shown = json.loads(program.run("config", "--json", **environ).stdout)
    assert done.returncode == 0
    source = 'gatekeeper.toml, credentials "{}"'
    for name, variable, client_id in (
        ("booking", BOOKING, {"value": "cs-booking", "source": source.format("booking")}),
        (
            "loyalty",
            LOYALTY,
            {"value": "***", "source": f"{source.format('loyalty')}: GATEKEEPER_L_CLIENT_ID"},
        ),
    ):
        place = f"{source.format(name)}: {variable}"
        assert f'credentials "{name}": client-secret = ***  ({place})' in done.stdout
        secret = {"value": "***", "source": place}
        assert shown["credentials"][name] == {"client-id": client_id, "client-secret": secret}
    assert [suite["credentials"] for suite in shown["suites"]] == ["booking", "loyalty"]
    assert 'stream st-booking, credentials "booking"' in done.stdout
    assert "cs-hidden" not in done.stdout + json.dumps(shown)


def test_warnings_name_the_credentials_that_they_are_about(program: Program) -> None:
    """A short secret, and a token that has expired, each with advice for its table."""
    text = FILE.replace("client-secret-variable", "jwt-variable", 1).replace(
        BOOKING, "GATEKEEPER_JWT"
    )
    write_file(program, text.replace('client-id = "cs-booking"', ""))
    token = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLWJvb2tpbmciLCJleHAiOjF9.c2lnbmF0dXJl"
    with two_apps() as (host, sent):
        environ = {"GATEKEEPER_JWT": token, LOYALTY: "short-secret"}
        done = program.run("gate", GATEKEEPER_HOST=host, **environ)
    assert set(sent) == OWN
    assert re.search(r'warning: credentials "loyalty": The HMAC key is 12 bytes', done.stdout)
    [warning] = re.findall(r'warning: credentials "booking": (the token expired .*)', done.stdout)
    advice = "set client-id and client-secret-variable, or set jwt-command-variable to a program"
    assert advice in warning
    assert FRESH_TOKENS not in done.stdout
    assert done.stdout.count(f"next: {advice}") == 1
