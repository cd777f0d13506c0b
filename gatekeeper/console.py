"""The job log: lines are harmless and unbuffered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from gatekeeper.core.text import inert, printable
from gatekeeper.core.wording.styled import Line, Mark, Marks, plain, rendered
from gatekeeper.log_writer import writing_to
from gatekeeper.redaction import Redactor

_NO_SECRETS = Redactor(())
_RESET = "\x1b[0m"
_COLOURS: Marks = {
    Mark.MISSING: ("\x1b[32;4m", _RESET),
    Mark.EXTRA: ("\x1b[1;31;7m", _RESET),
    Mark.GOOD: ("\x1b[32m", _RESET),
    Mark.BAD: ("\x1b[1;31m", _RESET),
    Mark.ODD: ("\x1b[1;33m", _RESET),
    Mark.ASIDE: ("\x1b[2m", _RESET),
}


class Console:
    """Writes lines to a stream, from any thread, in their order; if `quiet`, not all of them.

    A stream that cannot be written to, or that nobody reads, delays and stops nothing.
    """

    def __init__(
        self,
        stream: TextIO,
        redactor: Redactor = _NO_SECRETS,
        *,
        colour: bool = False,
        quiet: bool = False,
    ) -> None:
        self.stream = stream
        self.quiet = quiet
        self._write = writing_to(stream)
        self._redactor = redactor
        self._colour = colour
        self._display: Callable[[str], None] | None = None
        self._last = time.monotonic()

    def say(self, line: str | Line) -> None:
        """Write a line without secrets, terminal sequences or commands for a CI platform."""
        if isinstance(line, str):
            return self._out(self._safe(line))
        text = rendered(line, {})
        # A change could span several spans of the line, so a changed line has no colours.
        if self._colour and self._safe(text) == text:
            return self._out(rendered(line, _COLOURS))
        return self._out(self._safe(plain(line)))

    def inform(self, line: str | Line) -> None:
        """Write a line that a quiet log leaves out."""
        if not self.quiet:
            self.say(line)

    def mask(self, text: str) -> str:
        """Return a text with the secrets masked that this log masks."""
        return self._redactor.text(text)

    def say_all(self, lines: Iterable[str] | Iterable[Line]) -> None:
        """Write several lines."""
        for line in lines:
            self.say(line)

    def update(self, line: str) -> None:
        """Write a line about the progress, unless a live display shows it."""
        if self._display is None:
            self.say(line)

    def command(self, line: str, *, secret: bool = False) -> None:
        """Write a command for the CI platform unchanged; only a mask may contain a `secret`."""
        self._out(line if secret else self.mask(line))

    def _safe(self, text: str) -> str:
        return inert(printable(self.mask(text)))

    def _out(self, line: str) -> None:
        self._last = time.monotonic()
        if display := self._display:
            display(line)
        else:
            self._write(f"{line}\n")

    @contextmanager
    def displayed(self, display: Callable[[str], None]) -> Iterator[None]:
        """Have a live display write the lines in this context, above what it shows itself."""
        self._display = display
        try:
            yield
        finally:
            self._display = None

    @property
    def silence(self) -> float:
        """How long no line has been written, in seconds."""
        return time.monotonic() - self._last


def shows_colour(stream: TextIO | None, environ: Mapping[str, str], *, on_platform: bool) -> bool:
    """Return whether to write colours: on terminals, and `on_platform` that displays them.

    `NO_COLOR` and `FORCE_COLOR`, in this order, take precedence if set.
    """
    if environ.get("NO_COLOR"):
        return False
    if forced := environ.get("FORCE_COLOR"):
        return forced != "0"
    return on_platform or is_terminal(stream, environ)


def is_terminal(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Return whether a stream is a terminal that supports more than plain lines."""
    # A process can be started without the stream.
    return bool(stream and stream.isatty()) and environ.get("TERM", "dumb") != "dumb"
