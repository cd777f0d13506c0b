"""A program that prints tokens: what it gets, what it may print, and each way it can fail."""

import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gatekeeper.errors import ApiError, Interrupted
from gatekeeper.kore import token_command
from gatekeeper.kore.retry import TransientError
from gatekeeper.kore.token_command import TokenCommand
from gatekeeper.redaction import Redactor
from support.trials import wait_for, wait_until_gone

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6ImNzLTEifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
PASSWORD = "correct-horse-battery"


def sh(script: str) -> TokenCommand:
    return TokenCommand(["sh", "-c", script])


def error_of(script: str) -> ApiError:
    with pytest.raises(ApiError) as raised:
        sh(script).token()
    return raised.value


@pytest.mark.parametrize("script", [f"echo {TOKEN}", f"printf '\\n {TOKEN} \\r\\n'"])
def test_the_printed_token_is_noted_before_it_is_returned(script: str) -> None:
    noted: list[str] = []
    assert sh(script).token(noted.append, 10.0) == TOKEN
    assert noted == [TOKEN]


def test_each_token_is_asked_for_anew(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    command = sh(f"echo >> {shlex.quote(str(counter))}; echo {TOKEN}")
    for _ in range(3):
        command.token()
    assert counter.read_text(encoding="utf-8") == "\n" * 3


@pytest.mark.proves(
    "a `jwt-command` with shell syntax in its arguments",
    "the program gets them as they are: there is no shell, no input and no secret beside them",
)
def test_the_command_gets_its_arguments_and_the_jobs_environment_and_no_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OF_THE_JOB", "1")
    script = (
        "import os, sys; assert sys.argv[1:] == ['$(id)', '; x'], sys.argv\n"
        "assert os.environ['OF_THE_JOB'] == '1'; assert sys.stdin.read() == ''\n"
        f"print('{TOKEN}')"
    )
    command = TokenCommand([sys.executable, "-ISc", script, "$(id)", "; x"])
    assert command.token() == TOKEN


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 7", "exited with code 7"),
        ("echo first >&2; echo 'no login' >&2; echo >&2; exit 1", "exited with code 1: no login"),
        ("kill -SEGV $$", "was ended by SIGSEGV"),
        ("true", "printed nothing"),
        ("echo 'log in first' >&2", "printed nothing: log in first"),
        (f"echo {TOKEN}; echo {TOKEN}", "printed 2 lines"),
        (f"echo Bearer {TOKEN}", "printed something that is not a token"),
        ("echo null", "printed something that is not a token"),
        (f"echo '\"{TOKEN}\"'", "printed a token in quotes"),
        ("printf 'a\\000b\\377'", "printed something that is not a token"),
        ("yes", "printed more than 64 KB"),
    ],
)
def test_a_command_without_a_token_is_told_as_what_it_did(script: str, why: str) -> None:
    error = error_of(script)
    assert error.what == f"jwt-command {why}"
    assert error.next_step
    assert not error.took_effect


@pytest.mark.parametrize(
    ("words", "is_for_a_shell"),
    [
        (["false", "|", "tail"], True),
        (["false", "2>errors"], True),
        (["false", "$APP"], True),
        (["~/mint"], True),
        (["false", "a|b", "x=$", "--", "-"], False),
        (["sh", "-c", "false | cat; exit 1"], False),
    ],
)
def test_words_that_only_a_shell_understands_are_a_likely_cause(
    words: list[str], *, is_for_a_shell: bool
) -> None:
    with pytest.raises(ApiError) as failure:
        TokenCommand(words).token()
    assert ("it runs without a shell" in failure.value.next_step) is is_for_a_shell


def test_a_program_that_is_missing_or_is_not_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x", encoding="utf-8")
    for program, why in (("no-such-program-here", "No such file"), ("plain", "Permission denied")):
        path = tmp_path / program
        with pytest.raises(ApiError, match=f"jwt-command cannot be run: .*{program}: {why}"):
            TokenCommand([str(path), PASSWORD]).token()


@pytest.mark.proves(
    "a `jwt-command` that writes its token, a secret or a CI command to standard error",
    "the error shows the last line of it, harmless and masked",
)
def test_standard_error_is_shown_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    named = ("VAULT_TOKEN", "DB_PASS", "GH_PAT", "SVC_PWD", "BASIC_AUTH")
    for number, name in enumerate(named):
        monkeypatch.setenv(name, f"{number}-{PASSWORD}")
    printed = "opaque-token-of-another-kind"
    names = " ".join(f"${name}" for name in named)
    error = error_of(
        f'echo Bearer {printed}; echo "a\x1b[31m {printed} {names} {TOKEN}" >&2; exit 1'
    )
    assert error.what == f"jwt-command exited with code 1: a{' ***' * 7}"


def test_secrets_among_the_arguments_are_masked_in_standard_error() -> None:
    words = ["sh", "-c", 'echo "usage: mint $1" >&2; exit 2', "mint", f"--password={PASSWORD}"]
    with pytest.raises(ApiError, match=r"code 2: usage: mint --password=\*\*\*$"):
        TokenCommand(words, [PASSWORD]).token()


def test_a_command_may_write_more_to_standard_error_than_is_kept() -> None:
    script = f"import sys; sys.stderr.write('x' * 10**6); print('{TOKEN}')"
    assert TokenCommand([sys.executable, "-ISc", script]).token() == TOKEN
    error = error_of("yes | head -c 200000 >&2; echo the end >&2; exit 1")
    assert error.what == "jwt-command exited with code 1: the end"


@pytest.mark.proves(
    "a `jwt-command` that hangs, and has started other processes",
    "ended after 30 seconds, with all that it started; the request is not sent",
)
def test_a_command_that_hangs_is_ended_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(token_command, "_SECONDS", 0.3)
    pid = tmp_path / "pid"
    error = error_of(f"sleep 99 & echo $! > {shlex.quote(str(pid))}; wait")
    assert error.what == "jwt-command did not end within 0 s"
    wait_until_gone(int(pid.read_text(encoding="utf-8")))


def test_a_command_has_no_more_time_than_the_request() -> None:
    with pytest.raises(ApiError, match="did not end within"):
        sh("sleep 99").token(lambda _: None, 0.2)


def test_a_process_that_is_left_behind_delays_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_command, "_SECONDS_AFTER_EXIT", 0.05)
    assert sh(f"sleep 3 & echo {TOKEN}").token() == TOKEN


def test_a_signal_ends_what_the_command_has_left_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(process: subprocess.Popen[bytes], *_: object) -> bool:
        process.communicate()
        raise Interrupted(2)

    monkeypatch.setattr(token_command, "_finish", interrupted)
    pid = tmp_path / "pid"
    with pytest.raises(Interrupted):
        sh(f"sleep 99 >&- 2>&- & echo $! > {shlex.quote(str(pid))}").token()
    wait_until_gone(int(pid.read_text(encoding="utf-8")))


def test_a_failure_is_permanent_until_the_command_has_worked_once(tmp_path: Path) -> None:
    works = shlex.quote(str(tmp_path / "works"))
    command = sh(f"test -e {works} && echo {TOKEN}")
    with pytest.raises(ApiError):
        command.token()
    (tmp_path / "works").touch()
    command.token()
    (tmp_path / "works").unlink()
    with pytest.raises(TransientError) as raised:
        command.token()
    assert not raised.value.took_effect
    assert raised.value.next_step


def test_an_interruption_ends_the_command_and_starts_no_other(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    command = sh(f"echo $$ > {shlex.quote(str(pid))}; sleep 99")
    errors: list[ApiError] = []

    def ask() -> None:
        try:
            command.token()
        except ApiError as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    wait_for(lambda: pid.exists() and bool(pid.read_text(encoding="utf-8")))
    command.interrupt()
    asking.join(10)
    ask()
    assert [error.what for error in errors] == [
        "interrupted while jwt-command was running",
        "interrupted before jwt-command was run",
    ]
    wait_until_gone(int(pid.read_text(encoding="utf-8")))


@pytest.mark.parametrize("part", range(1, 5))
@pytest.mark.proves(
    "a server that sends back a part of an encrypted token", "masked, whichever long part it is"
)
def test_the_parts_of_an_encrypted_token_are_masked_without_any_other_secret(part: int) -> None:
    jwe = ".".join(("eyJhbGciOiJSU0EtT0FFUCJ9", "Zr" * 171, "Kd0" * 5, "Xq8" * 100, "Tg5" * 7))
    redactor = Redactor(())
    redactor.remember(jwe)
    text = jwe.split(".")[part]
    shown = redactor.text(f"rejected: {text} (and {jwe})")
    assert jwe not in shown
    if len(text) > 40:
        assert text not in shown
