"""A process that has imported the program, and forks for each run of it.

A run is a process of its own, with its own folder, environment and standard streams, as after an
ordinary start. Only the quarter of a second is saved in which Python starts and imports: most of
the processor's time, where hundreds of runs take a few hundredths each.

Started as a script, this module is that process. Its argument is the path of the socket to listen
on, and it ends when its standard input ends.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_LENGTH = 16  # digits that say how long a request is


class ForkServer:
    """Starts the program as `subprocess` does, without the time that Python takes to start."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Start the server; `environ` is what Python reads when it starts."""
        self._folder = tempfile.TemporaryDirectory()
        self._path = str(Path(self._folder.name) / "socket")
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._path],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        atexit.register(self._stop)

    def _stop(self) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def start(
        self, arguments: Sequence[str], folder: Path, environ: Mapping[str, str], **streams: Any
    ) -> subprocess.Popen[Any]:
        """Start the program; its streams are those of `subprocess.Popen`."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._path)
        return _Forked(connection, arguments, cwd=folder, env=environ, **streams)


class _Forked(subprocess.Popen[Any]):
    """A process that the server has forked, and waits for."""

    def __init__(self, connection: socket.socket, arguments: Sequence[str], **options: Any) -> None:
        self._connection = connection
        super().__init__(arguments, **options)

    def _execute_child(self, *details: Any) -> None:
        """Start the process, in place of the method that `Popen` calls with these."""
        command, _, _, _, _, folder, environ, _, _, _, *pipes = details[:16]
        request = {"arguments": command, "folder": str(folder), "environ": environ}
        body = json.dumps(request).encode()
        # The program's ends of three pipes, or our own streams.
        ends = (pipes[0], pipes[3], pipes[5])
        streams = [number if end == -1 else end for number, end in enumerate(ends)]
        socket.send_fds(self._connection, [f"{len(body):<{_LENGTH}}".encode()], streams)
        self._connection.sendall(body)
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]
        self.pid = self._receive()

    def _receive(self) -> int:
        return int(self._connection.recv(_LENGTH))

    def poll(self) -> int | None:
        """Return the exit code, or nothing while the process runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when the process has ended; raises `TimeoutExpired`."""
        if self.returncode is None:
            self._connection.settimeout(None if timeout is None else max(timeout, 0))
            try:
                self.returncode = self._receive()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._connection.close()
        return self.returncode


def _import_program() -> None:
    """Import what the program imports, now or later, and read the page's templates."""
    package = importlib.import_module("gatekeeper")
    for module in pkgutil.walk_packages(package.__path__, "gatekeeper."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in ("requests", "jwt", "joserfc.jwe", "joserfc.jwk"):
        importlib.import_module(name)
    importlib.import_module("gatekeeper.core.reports.page.templates").load()


def _serve(path: str) -> None:
    """Fork for each connection, until standard input ends."""
    child_ended, wakeup = socket.socketpair()
    wakeup.settimeout(0)
    signal.set_wakeup_fd(wakeup.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as ready:
        listening.bind(path)
        listening.listen(64)
        for source in (listening, child_ended, sys.stdin):
            ready.register(source, selectors.EVENT_READ)
        print("ready", flush=True)  # noqa: T201 - the client waits for it
        while sys.stdin not in (sources := [key.fileobj for key, _ in ready.select()]):
            if listening in sources:
                connection, _ = listening.accept()
                process = _fork(connection)
                _send(connection, process)
                running[process] = connection
            if child_ended in sources:
                child_ended.recv(4096)
                _send_exit_codes(running)


def _send(connection: socket.socket, number: int) -> None:
    # Unless the client has gone.
    with suppress(OSError):
        connection.sendall(f"{number:<{_LENGTH}}".encode())


def _send_exit_codes(running: dict[int, socket.socket]) -> None:
    """Send the exit codes of the processes that have ended, and forget these."""
    while running:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            break
        with running.pop(process) as connection:
            _send(connection, os.waitstatus_to_exitcode(status))


def _fork(connection: socket.socket) -> int:
    """Run the program in a child as requested, and return its process id."""
    length, streams, _, _ = socket.recv_fds(connection, _LENGTH, 3)
    with connection.makefile("rb") as body:
        request = json.loads(body.read(int(length)))
    if (process := os.fork()) == 0:
        _become_program(request["arguments"], request["folder"], request["environ"], streams)
    for stream in streams:
        os.close(stream)
    return process


def _become_program(
    arguments: list[str], folder: str, environ: dict[str, str], streams: list[int]
) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    # A new process has nothing else open.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = [str(ROOT / "entrypoint.py"), *arguments]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    # As with `python entrypoint.py`: the folder of the script.
    sys.path[0] = str(ROOT)
    _import_program()
    _serve(sys.argv[1])
