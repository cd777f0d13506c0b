"""The job log: every line is inert and there at once, and no minute passes without one."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from gatekeeper.core.text import inert, printable
from gatekeeper.core.wording.styled import Line, Mark, Marks, plain, rendered
from gatekeeper.redaction import Redactor

_SILENCE_SECONDS = 60.0
_NOTHING_SECRET = Redactor(())
_RESET = "\x1b[0m"
_COLOURS: Marks = {
    Mark.MISSING: ("\x1b[31;9m", _RESET),
    Mark.EXTRA: ("\x1b[32;4m", _RESET),
    Mark.GOOD: ("\x1b[32m", _RESET),
    Mark.BAD: ("\x1b[1;31m", _RESET),
    Mark.ODD: ("\x1b[1;33m", _RESET),
    Mark.ASIDE: ("\x1b[2m", _RESET),
}


class Console:
    """Writes lines to a stream, from any thread; goes on in silence when nobody reads them."""

    def __init__(
        self, stream: TextIO, redactor: Redactor = _NOTHING_SECRET, *, colour: bool = False
    ) -> None:
        self.stream = stream
        self._redactor = redactor
        self._colour = colour
        self._display: Callable[[str], None] | None = None
        self._lock = threading.Lock()
        self._last = time.monotonic()

    def say(self, said: str | Line) -> None:
        """Write a line: no secret, and nothing that a terminal or a CI platform would obey."""
        if isinstance(said, str):
            return self._out(self._safe(said))
        text = rendered(said, {})
        # What has to be changed is changed as a whole, and then shown without colours.
        if self._colour and self._safe(text) == text:
            return self._out(rendered(said, _COLOURS))
        return self._out(self._safe(plain(said)))

    def say_all(self, lines: Iterable[str] | Iterable[Line]) -> None:
        """Write several lines."""
        for line in lines:
            self.say(line)

    def update(self, line: str) -> None:
        """Say how things stand, unless a display shows it all the time."""
        if self._display is None:
            self.say(line)

    def command(self, line: str, *, secret: bool = False) -> None:
        """Write a line as it is, for the CI platform to obey; only a mask may hold a `secret`."""
        self._out(line if secret else self._redactor.text(line))

    def _safe(self, text: str) -> str:
        return inert(printable(self._redactor.text(text)))

    def _out(self, line: str) -> None:
        with self._lock:
            self._last = time.monotonic()
            try:
                (self._display or self._write)(line)
            except (OSError, ValueError):
                # Nobody reads the log any more, or it cannot be written. The reports still can.
                self._silence()

    def _write(self, line: str) -> None:
        try:
            print(line, file=self.stream, flush=True)
        except UnicodeEncodeError:
            plain_line = line.encode("ascii", "backslashreplace").decode()
            print(plain_line, file=self.stream, flush=True)

    def _silence(self) -> None:
        """Send all further lines nowhere, lest Python end with a code of its own over them."""
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())

    @contextmanager
    def displayed(self, display: Callable[[str], None]) -> Iterator[None]:
        """Have a display write the lines meanwhile, around whatever it shows itself."""
        self._display = display
        try:
            yield
        finally:
            self._display = None

    @contextmanager
    def heartbeat(
        self, lines: Callable[[], Iterable[str]], silence: float = _SILENCE_SECONDS
    ) -> Iterator[None]:
        """Say the lines that `lines` returns whenever nothing was said for `silence` seconds."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(max(0.1, silence - (time.monotonic() - self._last))):
                if time.monotonic() - self._last >= silence:
                    for line in lines():
                        self.update(line)

        threading.Thread(target=beat, name="heartbeat", daemon=True).start()
        try:
            yield
        finally:
            over.set()


def shows_colour(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Whether colours can be seen in what is written: on terminals, and by GitHub and GitLab.

    `NO_COLOR` and `FORCE_COLOR` decide where they are set, in this order.
    """
    if environ.get("NO_COLOR"):
        return False
    if forced := environ.get("FORCE_COLOR"):
        return forced != "0"
    on_ci = environ.get("GITHUB_ACTIONS") == "true" or "GITLAB_CI" in environ
    return on_ci or is_terminal(stream, environ)


def is_terminal(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Whether a person sits at a terminal that can do more than show lines."""
    # There is no stream where a process was started without one.
    return bool(stream and stream.isatty()) and environ.get("TERM", "dumb") != "dumb"
