"""The gate with tokens that are good once, expire or have to be encrypted; and wrong clocks."""

import json
import shlex
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.simulator import Fault, Simulator
from support.builders import finished, greeting
from support.caller import Caller
from support.program import Program
from support.trials import ended_by, wait_for, wait_until_gone

SUITE = "Suite"


def serving(**options: Any) -> Simulator:
    """Return a simulator with a suite that passes; its response leaves open which run it is of."""
    simulator = Simulator(speed=1_000_000, **options)
    simulator.add_suite(SUITE, finished(greeting()) | {"_id": None, "streamId": None})
    return simulator


def without_key(simulator: Simulator) -> dict[str, str]:
    return simulator.environment(SUITE) | {
        "GATEKEEPER_CLIENT_SECRET": "",
        "GATEKEEPER_CLIENT_ID": "",
        "GATEKEEPER_TIMEOUT": "2m",
    }


def printing(folder: Path, tokens: Sequence[str], more: str = "") -> str:
    """Return a command that prints the next of these tokens each time."""
    (folder / "tokens").write_text("".join(f"{token}\n" for token in tokens), encoding="ascii")
    script = f"{more}head -n1 tokens && sed -i 1d tokens"
    return f"sh -c {shlex.quote(script)}"


def reason_of(program: Program) -> str:
    [run] = json.loads(program.report("result.json"))["runs"]
    return " ".join((*run["reasons"], run["next_step"] or ""))


@pytest.mark.proves(
    "a ready-made token with a `jti`, which is good for one request",
    "a warning before anything is sent; if the platform refuses it: exit 3 with the cause",
)
def test_a_ready_token_that_is_good_once_is_warned_of_and_its_replay_explained(
    program: Program,
) -> None:
    with serving() as simulator, Caller(simulator) as caller:
        token = caller.token(exp=int(time.time()) + 1800)
        done = program.run(**without_key(simulator), GATEKEEPER_JWT=token)
    assert done.returncode == 3
    lines = done.stdout.splitlines()
    assert lines[0].startswith("warning: jwt: the token has a jti")
    assert "possibly a replay: the app accepts each token only once" in reason_of(program)
    assert "jwt-command" in reason_of(program)
    assert token not in done.stdout


@pytest.mark.proves("a ready-made token that has expired", "exit 3; the log says when it expired")
def test_an_expired_token_is_reported_as_expired(program: Program) -> None:
    with serving() as simulator, Caller(simulator) as caller:
        token = caller.token(jti=None, exp=int(time.time()) - 3600)
        done = program.run(**without_key(simulator), GATEKEEPER_JWT=token)
        assert len(simulator.requests) == 1
    assert done.returncode == 3
    assert done.stdout.startswith("warning: jwt: the token expired 1 h 0 min ago")
    assert "Invalid SDK credentials: the token expired 1 h 0 min ago, at " in reason_of(program)


@pytest.mark.parametrize(("offset", "direction"), [(600, "behind"), (-600, "ahead of")])
@pytest.mark.proves(
    "a machine whose clock is ten minutes off", "exit 3; the log says by how much, and what to do"
)
def test_a_clock_that_is_off_is_reported_as_that(
    program: Program, offset: int, direction: str
) -> None:
    with serving(clock_offset=offset) as simulator:
        done = program.run(**simulator.environment(SUITE))
    assert done.returncode == 3
    found = reason_of(program)
    assert f"{direction} the platform's, by which the token" in found
    assert "set the clock" in found


@pytest.mark.proves(
    "a `jwt-command`: tokens that are good once",
    "a new one for each request, also after an error; in no log or report",
)
def test_a_command_makes_a_token_for_each_request_and_none_is_shown(program: Program) -> None:
    fault = Fault("status", status=503, headers={"Retry-After": "0.1"})
    with serving(faults=[fault]) as simulator, Caller(simulator) as caller:
        tokens = [caller.token() for _ in range(5)]
        command = printing(program.folder, tokens, 'cat tokens >&2; echo "::error::x" >&2; ')
        done = program.run("--jwt-command", command, GATEKEEPER_DEBUG="1", **without_key(simulator))
        sent = [request.headers["auth"] for request in simulator.requests]
    assert done.returncode == 0, done.stdout + done.stderr
    assert sent == tokens[: len(sent)]
    assert len(sent) == 3
    reports = (program.folder / "gatekeeper-report").rglob("*")
    shown = [done.stdout, done.stderr, *(path.read_text("utf-8") for path in reports)]
    assert not any(
        part in text for token in tokens for part in token.split(".")[1:] for text in shown
    )


@pytest.mark.proves(
    "a `jwt-command` that fails", "exit 3 with its error, masked; no request is sent"
)
def test_a_command_that_fails_sends_nothing_and_says_why(program: Program) -> None:
    with serving() as simulator:
        script = "echo 'token: eyJhbGciOiJub25lIn0.e30.' >&2; exit 4"
        environ = without_key(simulator) | {"GATEKEEPER_JWT_COMMAND": f'sh -c "{script}"'}
        done = program.run(**environ)
        assert simulator.requests == []
    assert done.returncode == 3
    assert "jwt-command exited with code 4: token: ***" in reason_of(program)
    assert "may have started" not in done.stdout
    assert "eyJhbGci" not in done.stdout


@pytest.mark.proves(
    "a pull request that sets `jwt-command` in gatekeeper.toml", "exit 2; the program is not run"
)
def test_a_command_in_the_file_is_refused_and_not_run(program: Program) -> None:
    text = "jwt-command = 'touch proof'\n[[suite]]\nname = 'Suite'\njwt-command = 'touch proof'\n"
    (program.folder / "gatekeeper.toml").write_text(text, encoding="utf-8")
    with serving() as simulator:
        done = program.run(**simulator.environment(SUITE))
        assert simulator.requests == []
    assert done.returncode == 2
    assert done.stderr.count('"jwt-command" cannot be set in the file') == 2
    assert not (program.folder / "proof").exists()


def test_a_host_from_the_file_is_noted_beside_a_command(program: Program) -> None:
    with serving() as simulator:
        environ = without_key(simulator)
        (program.folder / "gatekeeper.toml").write_text(
            f"host = '{environ.pop('GATEKEEPER_HOST')}'\n", encoding="utf-8"
        )
        done = program.run("config", "--jwt-command", "mint", **environ)
    assert done.returncode == 0
    assert "the secret from --jwt-command: anyone who can change gatekeeper.toml" in done.stdout


@pytest.mark.proves(
    "a signal while `jwt-command` is running",
    "the command ends with the gate; nothing was sent, so no run may have started",
)
def test_a_signal_ends_the_command_with_the_gate(program: Program) -> None:
    pid = program.folder / "pid"
    with serving() as simulator:
        environ = without_key(simulator)
        gate = program.start("--jwt-command", "sh -c 'echo $$ >pid; sleep 99'", **environ)
        wait_for(lambda: pid.exists() and bool(pid.read_text("ascii").strip()))
        done = ended_by(signal.SIGTERM, gate)
        assert simulator.requests == []
    assert done.returncode == 143
    assert "may have started" not in done.stdout
    assert "interrupted" in reason_of(program)
    wait_until_gone(int(pid.read_text("ascii")))


@pytest.mark.proves(
    "an app that enforces encrypted tokens (JWE)",
    "without `jwe-key` exit 3, and the log says what to set; with it, every token is encrypted",
)
def test_an_app_that_enforces_encryption_gets_encrypted_tokens(program: Program) -> None:
    with serving(enforce_jwe=True) as simulator:
        environ = simulator.environment(SUITE)
        key = environ.pop("GATEKEEPER_JWE_KEY")
        assert program.run(**environ).returncode == 3
        assert "if the app enforces JWE, set jwe-key to its current" in reason_of(program)
        (program.folder / "gatekeeper.toml").write_text(
            f"jwe-key = '{key}'\njwe-algorithm = 'RSA1_5'\n", encoding="utf-8"
        )
        done = program.run(**environ)
        tokens = [request.headers["auth"] for request in simulator.requests][1:]
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert [token.count(".") for token in tokens] == [4, 4]
