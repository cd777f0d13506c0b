"""Every way to end other than by a verdict, and the exit code of each ending."""

from __future__ import annotations

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

    exit_code = ExitCode.NO_VERDICT

    def __init__(self, what: str, *, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class ConfigurationError(GatekeeperError):
    """Settings that cannot be worked with: all problems of them at once."""

    exit_code = ExitCode.CONFIGURATION

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ApiError(GatekeeperError):
    """The platform, or the way to it, gave no answer that a verdict could rest on."""


class MalformedResult(GatekeeperError):
    """An answer of the platform that is not what its documentation describes; says where."""


class DeadlineExceeded(GatekeeperError):
    """The gate's own time is over, and the run was still going when it was last seen."""

    exit_code = ExitCode.TIMEOUT


class ReportNotWritten(GatekeeperError):
    """A report that was asked for is not on disk."""

    exit_code = ExitCode.REPORT_NOT_WRITTEN


class Interrupted(BaseException):
    """SIGINT or SIGTERM, raised in the main thread while the gate waits.

    No `Exception`, so that nothing which handles errors on the way can swallow it.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
