"""Tokens that a program of the user's prints, a new one for each request."""

from __future__ import annotations

import contextlib
import math
import os
import re
import signal
import threading
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from gatekeeper.core.text import one_line, seconds
from gatekeeper.errors import ApiError, cause_of
from gatekeeper.kore.retry import TransientError
from gatekeeper.kore.token import Credentials, Note, unnoted
from gatekeeper.kore.token_claims import is_token
from gatekeeper.redaction import Redactor

if TYPE_CHECKING:
    from subprocess import Popen

_SECONDS = 30.0
# A process that the command leaves behind may hold its output open.
_SECONDS_AFTER_EXIT = 1.0
_MOST_BYTES = 64 * 1024
_CHUNK_BYTES = 4096
_MOST_SEARCHED = 8192  # characters
_OF_A_SECRET = re.compile("secret|token|jwt|key|pass|credential|auth|_pat$|_pwd$", re.IGNORECASE)
# A word that means itself, but something else to a shell: an operator, or what it expands.
_FOR_A_SHELL = re.compile(r"[|&;]+|\d?[<>].*|[~$].*")
_NO_SHELL = "; it runs without a shell, so variables, pipes and ~ need sh -c '…'"
_NEXT_STEP = "run the command by hand, with the environment of this job"
_ONE_TOKEN = "have it print one token (eyJ…) on standard output, and nothing else"  # noqa: S105


class TokenCommand(Credentials):
    """A program and its arguments, run without a shell for each request. Thread-safe.

    It gets the environment of the job and no input. Until it has worked once, its failure is
    permanent; after that, a retry may clear it. Errors call it by its `name`, and `secrets` are
    masked in what they show.
    """

    def __init__(
        self, words: Sequence[str], secrets: Sequence[str] = (), *, name: str = "jwt-command"
    ) -> None:
        # Nothing can be relied on to be importable later, during a run.
        import subprocess  # noqa: F401

        self._words = tuple(words)
        self._name = name
        self._secrets = tuple(secrets)
        self._shell_advice = _NO_SHELL if any(map(_FOR_A_SHELL.fullmatch, words)) else ""
        self._lock = threading.Lock()
        self._running: set[Popen[bytes]] = set()
        self._interrupted = False
        self._has_worked = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """Nothing yet: what the command prints is noted before it is used."""
        return ()

    def token(self, note: Note = unnoted, time_left: float = math.inf) -> str:
        """Return the token that the command prints, in at most 30 seconds.

        Raises `ApiError` or `TransientError`, with what the command wrote to standard error.
        """
        process = self._start()
        printed, errors = bytearray(), bytearray()
        timeout = min(_SECONDS, time_left)
        try:
            in_time = _finish(process, printed, errors, timeout)
        except BaseException:
            _kill_all(process)
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        text = printed.decode("utf-8", "replace").strip()
        # Before anything else: the text can be a secret in any case.
        if text:
            note(text)
        if self._interrupted:
            raise ApiError(f"interrupted while {self._name} was running")
        why, next_step = "", _NEXT_STEP
        if not in_time:
            why = f"did not end within {seconds(timeout)}"
        elif len(printed) <= _MOST_BYTES and (code := process.returncode):
            why = f"exited with code {code}" if code > 0 else f"was ended by {_signal(-code)}"
        elif why := _why_no_token(text):
            next_step = _ONE_TOKEN
        if why:
            what = f"{self._name} {why}{self._last_line(errors, text)}"
            raise self._failure(what, f"{next_step}{self._shell_advice}")
        self._has_worked = True
        return text

    def interrupt(self) -> None:
        """End the commands that are running, and start none from now on."""
        with self._lock:
            self._interrupted = True
            for process in self._running:
                _kill_all(process)

    def _start(self) -> Popen[bytes]:
        from subprocess import DEVNULL, PIPE, Popen

        with self._lock:
            if self._interrupted:
                raise ApiError(f"interrupted before {self._name} was run")
            try:
                process = Popen(  # noqa: S603 - the user's own command, and no shell
                    self._words,
                    stdin=DEVNULL,
                    stdout=PIPE,
                    stderr=PIPE,
                    # A group of its own, so that what the command starts ends with it.
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                raise ApiError(
                    f"{self._name} cannot be run: {one_line(self._words[0])}: {cause_of(error)}",
                    next_step="check that the program is installed where this job runs, is on "
                    f"PATH and is executable{self._shell_advice}",
                ) from None
            self._running.add(process)
            return process

    def _last_line(self, errors: bytearray, printed: str) -> str:
        """Return the last line of standard error, to follow a sentence; empty if it has none.

        The secrets of the job's environment and of the arguments are masked in it, and so is all
        that the command printed; if that is too long to search for, the line is left out.
        """
        if len(printed) > _MOST_SEARCHED:
            return ""
        lines = errors.decode("utf-8", "replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        secrets = {value for name, value in os.environ.items() if _OF_A_SECRET.search(name)}
        masked = Redactor({*secrets, *self._secrets, printed, *printed.split()}).text(last)
        return f": {one_line(masked, 300)}" if last else ""

    def _failure(self, what: str, next_step: str) -> ApiError | TransientError:
        if self._has_worked:
            return TransientError(what, next_step=next_step)
        return ApiError(what, next_step=next_step)


def _finish(process: Popen[bytes], printed: bytearray, errors: bytearray, timeout: float) -> bool:
    """Read what a process prints until it ends; return whether it did so in time."""
    from subprocess import TimeoutExpired

    readers = [
        threading.Thread(target=read, args=reading, name="jwt-command", daemon=True)
        for read, *reading in (
            (_read, process.stdout, printed),
            (_read_last, process.stderr, errors),
        )
    ]
    for reader in readers:
        reader.start()
    try:
        process.wait(timeout)
    except TimeoutExpired:
        _kill_all(process)
        process.wait()
        return False
    for reader in readers:
        reader.join(_SECONDS_AFTER_EXIT)
    return True


def _read(pipe: IO[bytes], into: bytearray) -> None:
    """Read a pipe to its end, or until there is more than any token has."""
    with pipe:
        while len(into) <= _MOST_BYTES and (chunk := os.read(pipe.fileno(), _CHUNK_BYTES)):
            into += chunk


def _read_last(pipe: IO[bytes], into: bytearray) -> None:
    """Read a pipe to its end, and keep the last of it: closed earlier, it could end the command."""
    with pipe:
        while chunk := os.read(pipe.fileno(), _CHUNK_BYTES):
            into += chunk
            del into[:-_MOST_BYTES]


def _kill_all(process: Popen[bytes]) -> None:
    """Kill a process and all that it started."""
    # It may have ended since.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _signal(number: int) -> str:
    names = {known.value: known.name for known in signal.Signals}
    return names.get(number, f"signal {number}")


def _why_no_token(text: str) -> str:
    """Return what a command printed instead of a token, but never the text itself."""
    if not text:
        return "printed nothing"
    if len(text) > _MOST_BYTES:
        return f"printed more than {_MOST_BYTES // 1024} KB"
    if is_token(text):
        return ""
    if is_token(text.strip("\"'")):
        return "printed a token in quotes"
    lines = len(text.splitlines())
    return f"printed {lines} lines" if lines > 1 else "printed something that is not a token"
