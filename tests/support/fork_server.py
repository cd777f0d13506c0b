"""A process that has imported the program, and forks for each run of it.

A run is a process of its own, with its own folder, environment and standard streams, as after an
ordinary start. Only the quarter of a second is saved in which Python starts and imports: most of
the processor's time, where hundreds of runs take a few hundredths each.

Started as a script, this module is that process. Its argument is the path of the socket to listen
on, and it ends when its standard input ends.
"""

from __future__ import annotations

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
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LENGTH = 16  # digits that say how long a request is


class ForkServer:
    """Runs the program as `subprocess.run` does, without the time that Python takes to start."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Start the server; `environ` is what Python reads when it starts."""
        self._path = str(Path(tempfile.mkdtemp()) / "socket")
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._path],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        environ: Mapping[str, str],
        *,
        stdin: bytes,
        timeout: float,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program to its end; raises `TimeoutExpired` after `timeout` seconds."""
        request = {"arguments": arguments, "folder": str(folder), "environ": environ}
        body = json.dumps(request).encode()
        with _streams(stdin) as (ours, theirs), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self._path)
            socket.send_fds(connection, [f"{len(body):<{_LENGTH}}".encode()], theirs)
            connection.sendall(body)
            for stream in theirs:
                os.close(stream)
            with connection.makefile("rb") as lines, ThreadPoolExecutor(2) as pool:
                process = int(lines.readline())
                killing = threading.Timer(timeout, os.kill, (process, signal.SIGKILL))
                killing.start()
                outputs = [pool.submit(_read, stream) for stream in ours]
                code = int(lines.readline())
                killing.cancel()
                stdout, stderr = (output.result() for output in outputs)
        if code == -signal.SIGKILL:
            raise subprocess.TimeoutExpired(list(arguments), timeout, stdout, stderr)
        return subprocess.CompletedProcess(arguments, code, stdout, stderr)


@contextmanager
def _streams(stdin: bytes) -> Iterator[tuple[list[int], list[int]]]:
    """Open the program's standard streams; yields our ends of its outputs, and its ends of all."""
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        pipes = [os.pipe() for _ in range(2)]
        yield [read for read, _ in pipes], [os.dup(given.fileno()), *(write for _, write in pipes)]


def _read(stream: int) -> bytes:
    with open(stream, "rb") as output:
        return output.read()


def _import_program() -> None:
    """Import what the program imports, now or later, and read the page's templates."""
    package = importlib.import_module("gatekeeper")
    for module in pkgutil.walk_packages(package.__path__, "gatekeeper."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    importlib.import_module("requests")
    importlib.import_module("gatekeeper.core.reports.page.templates").load()


def _serve(path: str) -> None:
    """Fork for each connection, until standard input ends."""
    # Nobody waits for the processes that wait for the program.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as ready:
        listening.bind(path)
        listening.listen(64)
        ready.register(listening, selectors.EVENT_READ)
        ready.register(0, selectors.EVENT_READ)
        print("ready", flush=True)  # noqa: T201 - the client waits for it
        while all(key.fileobj is listening for key, _ in ready.select()):
            connection, _ = listening.accept()
            with connection:
                if os.fork() == 0:
                    listening.close()
                    ready.close()
                    os._exit(_run(connection))


def _run(connection: socket.socket) -> int:
    """Run the program in a child, and send its process id, then its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    length, streams, _, _ = socket.recv_fds(connection, _LENGTH, 3)
    with connection.makefile("rb") as body:
        request = json.loads(body.read(int(length)))
    if (child := os.fork()) == 0:
        connection.close()
        _become_program(request["arguments"], request["folder"], request["environ"], streams)
    for stream in streams:
        os.close(stream)
    connection.sendall(f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    with suppress(OSError):
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    return 0


def _become_program(
    arguments: list[str], folder: str, environ: dict[str, str], streams: list[int]
) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
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
