"""What a check found, and the exit code that all findings lead to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

import msgspec

from gatekeeper.core.text import one_line
from gatekeeper.core.wording.styled import Line, Mark, Span, line
from gatekeeper.errors import ExitCode

SETTINGS = "settings"
CREDENTIALS = "credentials"
_LIMIT = 1000  # characters of a line


class State(Enum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not checked"


_MARKS = {
    State.OK: ("✓", Mark.GOOD),
    State.FAILED: ("✗", Mark.BAD),
    State.UNKNOWN: ("?", Mark.ODD),
    State.NOT_CHECKED: ("-", Mark.ASIDE),
}


class Finding(msgspec.Struct, frozen=True):
    """What a check found, its cause if it is not good, and what to do next.

    `subject` is the suite that it is about, or the name of the credentials, if there is one. A gate
    can succeed in spite of a finding that is only a `hint`.
    """

    check: str
    state: State
    text: str
    cause: str = ""
    next_step: str = ""
    subject: str = ""
    hint: bool = False

    def lines(self) -> list[Line]:
        """Return the lines of the log about it."""
        mark, colour = _MARKS[self.state]
        name = f'{self.check} "{self.subject}"' if self.subject else self.check
        more = (("cause", self.cause), ("next", self.next_step))
        return [
            (Span(mark, colour), Span(f" {one_line(f'{name}: {self.text}', _LIMIT)}")),
            *(line(f"    {label}: {one_line(text, _LIMIT)}") for label, text in more if text),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        return {
            "check": self.check,
            "subject": self.subject or None,
            "state": self.state.value,
            "text": self.text,
            "cause": self.cause,
            "next_step": self.next_step,
        }


def ok(check: str, text: str, subject: str = "") -> Finding:
    """Return a finding that all is well."""
    return Finding(check, State.OK, text, subject=subject)


def not_checked(check: str, why: str, subject: str = "") -> Finding:
    """Return the finding of a check that something else made impossible or useless."""
    return Finding(check, State.NOT_CHECKED, f"not checked: {why}", subject=subject)


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """Return the exit code of these findings: what is unknown is not good."""
    if any(each.check == SETTINGS and each.state is State.FAILED for each in findings):
        return ExitCode.CONFIGURATION
    if any(each.state is not State.OK and not each.hint for each in findings):
        return ExitCode.NO_VERDICT
    return ExitCode.PASSED


def summary(findings: Sequence[Finding]) -> str:
    """Return the last line: how many checks ended in each way, and the exit code."""
    parts = [
        f"{count} {state.value}"
        for state in State
        if (count := sum(each.state is state for each in findings))
    ]
    return f"{len(findings)} checks: {', '.join(parts)} (exit code {int(exit_code(findings))})"
