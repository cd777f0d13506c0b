"""Polling a run until it has ended."""

from __future__ import annotations

from gatekeeper.core.answer.read import Announced, read_announced, read_result
from gatekeeper.core.answer.shape import Progress, Result
from gatekeeper.core.answer.states import State, has_ended, state_of
from gatekeeper.core.pacing import next_wait
from gatekeeper.core.text import as_text, one_line, quoted, seconds
from gatekeeper.errors import ApiError, DeadlineExceeded
from gatekeeper.kore.client import KoreClient
from gatekeeper.watch.attempt import Attempt
from gatekeeper.watch.ends import last_seen

# The last poll is made this share of the timeout before its end, but at most 2 s before.
_LAST_POLL_SHARE = 0.02
_LAST_POLL_SECONDS = 2.0


def poll_until_ended(client: KoreClient, attempt: Attempt, test_run_id: str) -> Result:
    """Poll a run until it has ended, and return its result.

    Raises `DeadlineExceeded`, `ApiError`, `MalformedResult`.
    """
    deadline, suite = attempt.deadline, attempt.settings.test_suite
    began = deadline.elapsed
    history: list[tuple[float, float | None]] = []
    last_poll = min(_LAST_POLL_SECONDS, _LAST_POLL_SHARE * deadline.timeout)
    while True:
        try:
            body, response = client.status(suite, test_run_id, attempt.sent)
        except ApiError as error:
            if history and error.cut_off:
                raise _out_of_time(attempt, f"; the last request: {error.what}") from None
            raise
        attempt.is_running = True
        if not history or response.percentage != attempt.percentage:
            attempt.move(response.percentage)
        history.append((deadline.elapsed - began, response.percentage))
        if has_ended(response.states, response.percentage):
            attempt.is_running = False
            return read_result(body)
        _note(read_announced(body), attempt, test_run_id)
        _warn_of_unknown_states(response, attempt)
        if deadline.remaining <= last_poll:
            raise _out_of_time(attempt)
        wait = next_wait(history, response.total_steps)
        deadline.pause(min(wait, deadline.remaining - last_poll))


def _out_of_time(attempt: Attempt, more: str = "") -> DeadlineExceeded:
    timeout = seconds(attempt.deadline.timeout)
    text = f"no verdict within {timeout}: the time ran out {last_seen(attempt)}{more}"
    return DeadlineExceeded(text, next_step="raise timeout")


def _note(announced: Announced, attempt: Attempt, test_run_id: str) -> None:
    """Note what the result will be compared with, and warn of what is odd already."""
    attempt.note_steps(announced.steps, announced.failed)
    if announced.errors:
        errors = one_line(as_text(announced.errors), 300)
        attempt.warn(f"the platform reported errors while the run was in progress: {errors}")
    if announced.test_run_id not in (None, "", test_run_id):
        other = one_line(as_text(announced.test_run_id), 100)
        attempt.warn(f"a response was about another run: {other}")


def _warn_of_unknown_states(response: Progress, attempt: Attempt) -> None:
    for status in response.states:
        if state_of(status) is State.UNKNOWN:
            attempt.warn(f"unknown status {quoted(status)} while the run was in progress")
    if response.states == (None, None):
        attempt.warn("a response gave no status while the run was in progress")
