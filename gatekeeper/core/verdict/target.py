"""What a response has to be about, and whether it is."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.core.answer.shape import Result
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import as_text, one_line, quoted
from gatekeeper.core.versions import normalized_version


class Target(Record):
    """What was asked for; `None` where any value is right.

    A run that was `started` for it, as opposed to attached to or read from a file, is of the
    version it was started with, whatever the platform calls that version.
    """

    test_suite: str
    test_run_id: str | None = None
    stream_id: str | None = None
    bot_version: str | None = None
    language: str | None = None
    started: bool = False


class Observed(Record):
    """What was seen of a run while it was in progress, to compare its result with.

    `steps` and `failed` are the highest numbers that the platform reported, of all steps and of
    failed ones. `elapsed` is how long the run was watched, in seconds; `None` if it was not.
    """

    steps: int = 0
    failed: int = 0
    warnings: tuple[Reason, ...] = ()
    elapsed: float | None = None


ANY_TARGET = Target("")
NOT_OBSERVED = Observed()


def in_progress(result: Result) -> bool:
    """Whether the run or its result is still in progress."""
    states = (result.status, result.result and result.result.status)
    return State.IN_PROGRESS in map(state_of, states)


def check_target(result: Result, target: Target) -> Iterator[Reason]:
    """Compare a response with what was asked for: the result of another run is no verdict."""
    for what, expected, actual in (
        ("run", target.test_run_id, result.id),
        ("stream", target.stream_id, result.stream_id),
    ):
        if expected is not None and actual is not None and actual != expected:
            text = (
                f"expected a response about {what} {one_line(expected)}, "
                f"but it is about {one_line(as_text(actual))}"
            )
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    yield from _check_version(result, target)


def _check_version(result: Result, target: Target) -> Iterator[Reason]:
    """Compare the version with the known names only, as any other word could mean another one."""
    if result.result is None or in_progress(result):
        return
    version = result.result.version
    if version is None or (isinstance(version, str) and not version.strip()):
        yield Reason(Outcome.ERROR, "its result has no version", Check.MISSING_STATUS)
    elif target.bot_version is not None and (
        not isinstance(version, str)
        or normalized_version(version) != normalized_version(target.bot_version)
    ):
        text = (
            f"expected version {target.bot_version}, but the result is of version "
            f"{quoted(version)}; if that is the platform's name for it, set "
            f"accept = {Check.VERSION}"
        )
        yield Reason(Outcome.ERROR, text, Check.VERSION)


def missing_ids(result: Result) -> Iterator[Reason]:
    """Warn if a response does not say what it is about."""
    for name, value in (("_id", result.id), ("streamId", result.stream_id)):
        if value in (None, ""):
            text = f"the response has no {name}, so it may be about another run or stream"
            yield Reason(Outcome.PASSED, text)
