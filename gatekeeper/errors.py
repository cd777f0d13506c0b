"""The exit codes, and every way to end other than by a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command; the README explains each of them to its users."""

    PASSED = 0
    FAILED = 1
    CONFIGURATION = 2
    NO_VERDICT = 3
    TIMEOUT = 4
    REPORT_NOT_WRITTEN = 5
    INTERRUPTED = 130
    TERMINATED = 143


class GatekeeperError(Exception):
    """An ending that a person has to be told about: what happened, and what to do next."""

    def __init__(self, what: str, *, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class ConfigurationError(GatekeeperError):
    """Settings that cannot be worked with: all problems of them at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ApiError(GatekeeperError):
    """The platform, or the way to it, gave no answer that a verdict could rest on.

    `took_effect` tells whether the request may have been carried out all the same, and `cut_off`
    whether it was the deadline that ended it, not the trouble it was in. `test_run_id` is the run
    that an error names, where it names one.
    """

    def __init__(
        self,
        what: str,
        *,
        next_step: str = "",
        took_effect: bool = False,
        cut_off: bool = False,
        test_run_id: str | None = None,
    ) -> None:
        super().__init__(what, next_step=next_step)
        self.took_effect = took_effect
        self.cut_off = cut_off
        self.test_run_id = test_run_id


class SharedRunId(GatekeeperError):
    """The id of a run is that of another one in the same gate."""


class MalformedResult(GatekeeperError):
    """An answer of the platform that is not what its documentation describes; says where."""


class DeadlineExceeded(GatekeeperError):
    """The gate's own time is over, and the run was still going when it was last seen."""


class ReportNotWritten(GatekeeperError):
    """A report that was asked for is not on disk."""


def internal_error(error: BaseException) -> str:
    """Say in a line that a bug of ours ended something."""
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"internal error, please report it: {what[:300]}"


def counted_problems(count: int) -> str:
    """Say how many problems there are."""
    return "a problem" if count == 1 else f"{count} problems"


def problems_listed(problems: Sequence[str]) -> list[str]:
    """Say in lines what is wrong with the settings."""
    head = f"the settings have {counted_problems(len(problems))}:"
    return [head, *(f"  - {problem}" for problem in problems)]


class Interrupted(BaseException):
    """SIGINT or SIGTERM, raised in the main thread while the gate waits.

    No `Exception`, so that nothing which handles errors on the way can swallow it.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
