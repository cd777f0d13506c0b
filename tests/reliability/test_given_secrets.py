"""Secrets in the wrong place: in settings, in the configuration file, in a proxy's URL."""

from __future__ import annotations

import base64
import subprocess
import sys

import pytest

from gatekeeper.simulator import Simulator
from support.builders import finished, greeting
from support.program import ROOT, Program

RANDOM = "zR9v8Kq2m7xLw4pTz1Qc6Yb3Nf5Hj0Ds9Gk8"
KNOWN = "hunter2-hunter3"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
SETTINGS = (
    "TIMEOUT",
    "BOT_VERSION",
    "CONFIG",
    "BOT_LANGUAGE",
    "RETRIES",
    "SHARD",
    "SOURCE_MAP",
    "CA_BUNDLE",
)


def shown(program: Program, done: subprocess.CompletedProcess[str]) -> str:
    """Return the log and all reports."""
    files = (path for path in program.folder.rglob("*") if path.is_file())
    texts = [path.read_text(encoding="utf-8") for path in files if path.suffix != ".toml"]
    return "\n".join((done.stdout, done.stderr, *texts))


def run(program: Program, command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    with Simulator() as simulator:
        given = simulator.environment(suite="Suite") | environ
    arguments = [command, "--shards", "2"] if command == "plan" else [command]
    return program.run(*arguments, **given)


@pytest.mark.parametrize(
    "secret", [RANDOM, KNOWN, PEM, TOKEN], ids=["random", "known", "key", "token"]
)
@pytest.mark.parametrize("command", ["gate", "config", "plan"])
@pytest.mark.proves(
    "a secret given as another setting", "the problem is shown with the secret masked"
)
def test_a_secret_in_another_setting_is_masked(program: Program, command: str, secret: str) -> None:
    known = {"GATEKEEPER_CLIENT_SECRET": KNOWN}
    for setting in SETTINGS:
        done = run(program, command, **known, **{f"GATEKEEPER_{setting}": secret})
        seen = shown(program, done)
        for line in secret.splitlines():
            assert line not in seen, (setting, seen)
        if command != "plan" or setting == "CONFIG":
            assert done.returncode == 2
            assert "***" in seen


@pytest.mark.parametrize("command", ["gate", "config", "plan"])
@pytest.mark.parametrize(
    "line",
    [
        "timeout = '{}'",
        "bot-version = '{}'",
        "{} = 1",
        "'{}' = 'x'",
        "client-secret = '{}'",
        "[{}]\nx = 1",
        "[[suite]]\nname = 'Suite'\n{} = 1",
        "[[suite]]\nname = 'Suite'\nretries = '{}'",
        "timeout = {}",
        "x = {{ {0} = 1, {0} = 2 }}",
    ],
)
@pytest.mark.proves(
    "a secret as a value or a key of the configuration file",
    "the problem is shown with the secret masked",
)
def test_a_secret_in_the_file_is_masked(program: Program, command: str, line: str) -> None:
    (program.folder / "gatekeeper.toml").write_text(line.format(RANDOM), encoding="utf-8")
    done = run(program, command, GATEKEEPER_TEST_SUITE="")
    assert done.returncode == 2
    assert RANDOM not in shown(program, done)
    assert RANDOM[:8] not in shown(program, done)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--client-secrt", "hunter2-hunter4"),
        ("--client-secrt=hunter2-hunter4",),
        ("--timeout", RANDOM),
        (f"--timout={RANDOM}",),
        (RANDOM,),
        (f"--{RANDOM}",),
        ("--bot-version", TOKEN),
    ],
)
@pytest.mark.parametrize("command", ["gate", "config", "plan", "check"])
@pytest.mark.proves("a secret after a misspelt flag", "the problem is shown with the secret masked")
def test_a_secret_on_the_command_line_is_masked(
    program: Program, command: str, arguments: tuple[str, ...]
) -> None:
    with Simulator() as simulator:
        environ = simulator.environment(suite="Suite")
    done = program.run(command, *arguments, **environ)
    assert done.returncode == 2
    seen = shown(program, done)
    for secret in ("hunter2-hunter4", RANDOM, TOKEN):
        assert secret not in seen, seen


@pytest.mark.parametrize("command", ["gate", "config", "plan"])
@pytest.mark.proves(
    "invalid settings on GitHub", "masks are registered before any line that could need them"
)
def test_masks_come_before_problems(program: Program, command: str) -> None:
    config = {"GATEKEEPER_CONFIG": "missing.toml"}
    done = run(program, command, GITHUB_ACTIONS="true", GATEKEEPER_CLIENT_SECRET=KNOWN, **config)
    lines = (done.stdout + done.stderr).splitlines()
    assert lines[0] == f"::add-mask::{KNOWN}"
    assert KNOWN not in "\n".join(line for line in lines if not line.startswith("::add-mask::"))


@pytest.mark.parametrize(
    "name",
    [
        "BookingRegressionSuite2026",
        "ctr-00000000-0000-4000-8000-00000000000a",
        "reports/2026-11-26/booking",
    ],
)
def test_what_is_no_secret_stays_readable(program: Program, name: str) -> None:
    done = run(program, "config", GATEKEEPER_TIMEOUT=name)
    assert name in done.stderr


LOGINS = {
    "ci:Winter@2026lang": ("2026lang", "Winter@2026lang"),
    "ci:Win:ter%402026": ("ter%402026", "ter@2026", "Win:ter"),
    "ci:Win/ter2026lang": ("ter2026lang", "Win/ter"),
    "ci:M%C3%BCnchen2026": ("M%C3%BCnchen2026", "München2026"),
    "ci:100%sure-pass": ("100%sure-pass",),
    "ci:Winter%202026": ("Winter%202026", "Winter 2026"),
    "a-token-as-user-1": ("a-token-as-user-1",),
}


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("scheme", ["http://", ""])
@pytest.mark.proves(
    "a proxy's password with `@`, `:`, `/`, `%` or other signs", "masked wherever it is shown"
)
def test_a_login_is_read_as_the_http_library_reads_it(
    program: Program, login: str, scheme: str
) -> None:
    done = run(
        program,
        "gate",
        GATEKEEPER_HOST="https://platform.invalid",
        HTTPS_PROXY=f"{scheme}{login}@127.0.0.1:9",
        GATEKEEPER_TIMEOUT="2s",
        GATEKEEPER_DEBUG="true",
    )
    assert done.returncode in (3, 4)
    seen = shown(program, done)
    for secret in (*LOGINS[login], base64.b64encode(login.encode()).decode()):
        assert secret not in seen, seen


def raw(
    program: Program, environ: dict[str, str], **more: bytes
) -> subprocess.CompletedProcess[str]:
    """Run the gate with variables that are not UTF-8."""
    given = {name.encode(): value.encode() for name, value in program.environ(environ).items()}
    given |= {name.encode(): value for name, value in more.items()}
    return subprocess.run(
        [sys.executable, str(ROOT / "entrypoint.py"), "gate"],
        cwd=program.folder,
        env=given,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.proves(
    "a byte that is not UTF-8 in the password of a proxy that is not used", "the run passes"
)
def test_a_password_that_is_not_utf8_does_not_matter_if_it_is_not_used(program: Program) -> None:
    with Simulator(speed=1_000_000) as simulator:
        simulator.add_suite("Suite", finished(greeting()) | {"_id": None, "streamId": None})
        environ = simulator.environment(suite="Suite")
        done = raw(program, environ, HTTPS_PROXY=b"http://ci:M\xfcnchen2026@127.0.0.1:9")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "password", [b"M\xfcnchen2026", "\u043f\u0430\u0440\u043e\u043b\u044c2026".encode()]
)
@pytest.mark.proves(
    "a proxy's password that cannot be sent", "nothing is sent; exit code 3, with what to write"
)
def test_nothing_is_sent_if_the_login_cannot_be(program: Program, password: bytes) -> None:
    with Simulator() as simulator:
        environ = simulator.environment(suite="Suite") | {
            "GATEKEEPER_HOST": "https://platform.invalid"
        }
    done = raw(program, environ, HTTPS_PROXY=b"http://ci:" + password + b"@127.0.0.1:9")
    assert done.returncode == 3
    assert "cannot be sent" in done.stdout
    assert "retrying" not in done.stdout
    assert "2026" not in done.stdout


@pytest.mark.parametrize("command", ["gate", "config"])
@pytest.mark.parametrize("place", ["checkout", "elsewhere", "variable"])
@pytest.mark.proves(
    "a host that a file of the checkout sets, while the secret comes from the environment",
    "the log and `config` say who could read a token",
)
def test_a_host_of_the_checkout_is_named(
    program: Program, tmp_path_factory: pytest.TempPathFactory, command: str, place: str
) -> None:
    folder = program.folder if place != "elsewhere" else tmp_path_factory.mktemp("reviewed")
    with Simulator(speed=1_000_000) as simulator:
        simulator.add_suite("Suite", finished(greeting()) | {"_id": None, "streamId": None})
        environ = simulator.environment(suite="Suite")
        path = folder / "gatekeeper.toml"
        path.write_text(f'host = "{environ["GATEKEEPER_HOST"]}"\n', encoding="utf-8")
        if place != "variable":
            environ["GATEKEEPER_HOST"] = ""
        if place == "elsewhere":
            environ["GATEKEEPER_CONFIG"] = str(path)
        done = program.run(command, **environ)
    assert done.returncode == 0, done.stderr
    said = "note: host comes from gatekeeper.toml, a file of the checkout" in done.stdout
    assert said is (place == "checkout")
    assert ("GATEKEEPER_CLIENT_SECRET" in done.stdout) or not said
