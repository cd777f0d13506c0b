"""The real program as a process."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, str(ROOT / "entrypoint.py"))
# The only variables of this machine's environment that the program gets.
KEPT = ("PATH", "HOME", "SYSTEMROOT")


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
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environ(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        return self.feed("", *arguments, **environ)

    def feed(
        self, stdin: str, /, *arguments: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, with this on its standard input."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environ(environ),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    def report(self, name: str = "junit.xml") -> str:
        """Return the text of a report."""
        return (self.folder / "gatekeeper-report" / name).read_text(encoding="utf-8")
