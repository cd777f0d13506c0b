"""Whether an answer is about what was asked for."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.core.answer.shape import Result
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.text import as_text, one_line
from gatekeeper.core.versions import normalized_version


class Asked(Record):
    """What was asked for, to be held against the answer; `None` where it does not matter.

    `announced` is the most steps that the platform told of while the run went on, and
    `failed_before` the most of them that had failed by then.
    """

    test_run_id: str | None = None
    stream_id: str | None = None
    bot_version: str | None = None
    announced: int | None = None
    failed_before: int = 0


def in_progress(result: Result) -> bool:
    """Whether the run or its result says that it goes on."""
    states = (result.status, result.result and result.result.status)
    return State.IN_PROGRESS in map(state_of, states)


def identity(result: Result, asked: Asked) -> Iterator[Reason]:
    """Hold the answer against what was asked for: another run's result is no verdict."""
    for what, wanted, found in (
        ("run", asked.test_run_id, result.id),
        ("stream", asked.stream_id, result.stream_id),
    ):
        if wanted is not None and found is not None and found != wanted:
            about = one_line(as_text(found))
            text = f"asked for {what} {one_line(wanted)}, but the answer is about {about}"
            yield Reason(Outcome.ERROR, text, Check.CONTRADICTION)
    yield from _version(result, asked)


def _version(result: Result, asked: Asked) -> Iterator[Reason]:
    """Hold the result's version against a list of what is known, for any word could be another."""
    if result.result is None or in_progress(result):
        return
    word = result.result.version
    if word is None or (isinstance(word, str) and not word.strip()):
        yield Reason(Outcome.ERROR, "its result has no version", Check.MISSING_STATUS)
    elif asked.bot_version is not None and (
        not isinstance(word, str)
        or normalized_version(word) != normalized_version(asked.bot_version)
    ):
        text = (
            f"asked for version {asked.bot_version}, but the result is of version "
            f"{one_line(as_text(word), 100)!r}; if that is the platform's word for it, set "
            f"accept = {Check.VERSION}"
        )
        yield Reason(Outcome.ERROR, text, Check.VERSION)


def missing_ids(result: Result) -> Iterator[Reason]:
    """Warn where an answer does not say what it is about."""
    for name, found in (("_id", result.id), ("streamId", result.stream_id)):
        if found in (None, ""):
            text = f"the platform's response has no {name}: it may be about another run or stream"
            yield Reason(Outcome.PASSED, text)
