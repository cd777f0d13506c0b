"""Exit codes, and the exceptions that end a command without a verdict.

GatekeeperError           an error with a next step for the user
├── ConfigurationError    exit code 2
├── ApiError              exit code 3
├── SharedRunId           exit code 3
├── MalformedResult       exit code 3
├── DeadlineExceeded      exit code 4
└── ReportNotWritten      exit code 5
Interrupted               exit code 128 + signal
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command, as documented in the README and the docs."""

    PASSED = 0
    FAILED = 1
    CONFIGURATION = 2
    NO_VERDICT = 3
    TIMEOUT = 4
    REPORT_NOT_WRITTEN = 5
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143

    @classmethod
    def of_signal(cls, signum: int) -> ExitCode:
        """Return the exit code of a process that this signal ended, as shells report it."""
        return cls(128 + signum)


class GatekeeperError(Exception):
    """An error to show to the user: what happened, and what to do next."""

    def __init__(self, what: str, *, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class ConfigurationError(GatekeeperError):
    """Invalid settings, with all of their problems."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ApiError(GatekeeperError):
    """A request to the platform that got no usable response.

    `took_effect` says whether the platform may have carried the request out nevertheless,
    `cut_off` whether the deadline ended it rather than the error itself. `test_run_id` is the run
    that the error names, if any.
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
    """A run id that another run of the same gate already has."""


class MalformedResult(GatekeeperError):
    """A response or file without the documented structure; the message says where."""


class DeadlineExceeded(GatekeeperError):
    """The timeout expired while the run was still in progress."""


class ReportNotWritten(GatekeeperError):
    """A requested report that could not be written."""


class Interrupted(BaseException):
    """SIGHUP, SIGINT or SIGTERM, raised in the main thread.

    Not an `Exception`, so that no general error handler swallows it.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


class EncodingError(ValueError):
    """A text file that is not UTF-8; the message says what it is, and what to do."""


def cause_of(error: OSError | ValueError) -> str:
    """Return why a file could not be opened, read or written, such as `Permission denied`."""
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error) if isinstance(error, EncodingError) else "not a valid file path"


def internal_error(error: BaseException) -> str:
    """Return the line that reports a bug in gatekeeper, at most 340 characters long."""
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"internal error, please report it: {what[:300]}"


def counted_problems(count: int) -> str:
    """Return the number of problems in words: `a problem`, `2 problems`."""
    return "a problem" if count == 1 else f"{count} problems"


def problems_listed(problems: Sequence[str]) -> list[str]:
    """Return a heading and one line per problem of the settings."""
    heading = f"the settings have {counted_problems(len(problems))}:"
    return [heading, *(f"  - {problem}" for problem in problems)]
