"""The real program as a process."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.fork_server import ForkServer

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, str(ROOT / "entrypoint.py"))
# The only variables of this machine's environment that the program gets.
KEPT = ("PATH", "HOME", "SYSTEMROOT")
# Variables by which Python and the C library set themselves up before they run anything.
_READ_AT_START = re.compile("PYTHON|LANG|LC_|LD_|MALLOC_|TZ$")
FRESH = {"PYTHONHASHSEED": "random"}
"""For runs in which it matters that Python starts and imports, or that this process waits."""


@dataclass(frozen=True)
class Program:
    """Runs the program in a folder."""

    folder: Path

    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        """Return the complete environment of a run of the program."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | environ

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """Start the program, with separate pipes for standard output and error."""
        return self.process(
            arguments,
            environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def process(
        self, arguments: Sequence[str], environ: dict[str, str], **streams: Any
    ) -> subprocess.Popen[Any]:
        """Start the program; its streams are those of `subprocess.Popen`.

        It is forked from a process that has imported it already, unless a variable is read when
        Python starts.
        """
        complete = self.environ(environ)
        if not any(map(_READ_AT_START.match, environ)):
            return _server(self).start(arguments, self.folder, complete, **streams)
        return subprocess.Popen([*PROGRAM, *arguments], cwd=self.folder, env=complete, **streams)

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        return self.feed("", *arguments, **environ)

    def feed(
        self, stdin: str, /, *arguments: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, with this on its standard input."""
        done = self.run_bytes(arguments, environ, stdin=stdin.encode())
        stdout, stderr = map(_text, (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, stdout, stderr)

    def run_bytes(
        self,
        arguments: Sequence[str],
        environ: dict[str, str],
        *,
        stdin: bytes = b"",
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program to its end; raises `TimeoutExpired` after `timeout` seconds."""
        pipe = subprocess.PIPE
        with self.process(arguments, environ, stdin=pipe, stdout=pipe, stderr=pipe) as running:
            try:
                stdout, stderr = running.communicate(stdin, timeout)
            finally:
                running.kill()
        return subprocess.CompletedProcess(running.args, running.returncode, stdout, stderr)

    def report(self, name: str = "junit.xml") -> str:
        """Return the text of a report."""
        return (self.folder / "gatekeeper-report" / name).read_text(encoding="utf-8")


def _text(output: bytes) -> str:
    """Decode an output as `subprocess` does."""
    return output.decode().replace("\r\n", "\n").replace("\r", "\n")


_starting = threading.Lock()
_servers: list[ForkServer] = []


def _server(program: Program) -> ForkServer:
    """Return the server of this test process, started when it is needed first."""
    with _starting:
        if not _servers:
            _servers.append(ForkServer(program.environ({})))
    return _servers[0]
