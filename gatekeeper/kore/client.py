"""The two calls of the platform's API that a gate needs: start a run, and ask how it stands."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

from gatekeeper.core.pacing import limit_wait
from gatekeeper.core.result import read_progress
from gatekeeper.core.text import one_line
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError, MalformedResult
from gatekeeper.kore.causes import cause_of, error_text, is_rate_limit, rate_limit_window
from gatekeeper.kore.retrying import UNREACHED_SECONDS, Hiccup, retry_after, retrying
from gatekeeper.kore.transport import Answer, Transport, TransportError

_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)
_REFUSAL = range(400, 500)
_PASSING_REFUSALS = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)

Value = TypeVar("Value")


class KoreClient:
    """Talks about the conversation test suites of one app, until the deadline."""

    def __init__(
        self,
        transport: Transport,
        stream_id: str,
        deadline: Deadline,
        tell: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._suites = f"/api/public/stream/{_segment(stream_id)}/conversation/testsuite"
        self._deadline = deadline
        self._tell = tell
        self._reached = False

    def start_run(self, test_suite: str, bot_version: str, user_email: str) -> str:
        """Start a suite's run and return its id.

        The request is sent again only where the run surely did not begin. Raises `ApiError`.
        """
        path = f"{self._suites}/{_segment(test_suite)}/run"
        body = {"version": bot_version, "userEmailId": user_email}

        def attempt() -> str:
            try:
                return _run_id(self._call("POST", path, body))
            except Hiccup as hiccup:
                if hiccup.took_effect:
                    raise _may_have_begun(str(hiccup)) from None
                raise

        return self._retrying(attempt)

    def status(self, test_suite: str, test_run_id: str, sent: list[float]) -> bytes:
        """Ask for a run's status until there is an answer, and return that: a JSON object.

        `sent` holds when (by the deadline's clock) requests about this run were sent, and grows
        with each; the documented limits are kept by it. Raises `ApiError`.
        """
        path = f"{self._suites}/{_segment(test_suite)}/{_segment(test_run_id)}/status"

        def attempt() -> bytes:
            while wait := limit_wait(sent, self._deadline.elapsed):
                if wait >= self._deadline.remaining:
                    raise Hiccup("the platform's limit of requests is used up", wait=wait)
                self._deadline.pause(wait)
            sent.append(self._deadline.elapsed)
            return self._call("GET", path)

        return self._retrying(attempt)

    def _retrying(self, attempt: Callable[[], Value]) -> Value:
        patience = math.inf if self._reached else UNREACHED_SECONDS
        return retrying(attempt, self._deadline, self._tell, patience=patience)

    def _call(self, method: str, path: str, body: object = None) -> bytes:
        """Send a request once and return the JSON object that answers it.

        Raises `Hiccup` for what may pass by itself and `ApiError` for what will not.
        """
        try:
            answer = self._transport.send(method, path, body, self._deadline.remaining)
        except TransportError as error:
            if error.passing:
                reached = took_effect = error.took_effect
                raise Hiccup(str(error), reached=reached, took_effect=took_effect) from None
            raise ApiError(str(error), next_step="check host, ca-bundle and the proxy") from None
        self._reached = True
        if answer.status in _REDIRECT:
            raise _redirected(answer, self._transport.host)
        if answer.status in _SUCCESS:
            try:
                progress = read_progress(answer.body)
            except MalformedResult as error:
                raise Hiccup(f"HTTP {answer.status}, but {error}", took_effect=True) from None
            if not progress.errors or progress.states != (None, None):
                return answer.body
        raise _error(answer)


def _segment(name: str) -> str:
    """Quote a name whole, so that it is one segment of a path whatever is in it."""
    quoted = quote(name, safe="")
    # Dots alone would be taken as a step up, quoted or not.
    return quoted.replace(".", "%2E") if not quoted.strip(".") else quoted


def _run_id(body: bytes) -> str:
    run_id = json.loads(body).get("testRunId")
    if not isinstance(run_id, str) or not run_id:
        raise _may_have_begun("the answer has no testRunId in it")
    return run_id


def _may_have_begun(what: str) -> ApiError:
    return ApiError(
        f"{what}; the run may have begun all the same, so it is not started again",
        next_step="look for the run in the platform's test results; if it is there, give its id as "
        "test-run-id to wait for it, else start this job again",
    )


def _redirected(answer: Answer, host: str) -> ApiError:
    target = one_line(answer.headers.get("location", "nowhere"), 200)
    return ApiError(
        f"HTTP {answer.status}: {host} redirects to {target}, where the token must not go",
        next_step="if that is the right place, give it as host",
    )


def _error(answer: Answer) -> Hiccup | ApiError:
    """Tell what an error answer means: whether it passes, and what to do if not."""
    text = error_text(answer.body)
    said = f"HTTP {answer.status} {text}".rstrip()
    wait = retry_after(answer.headers.get("retry-after"))
    if is_rate_limit(text):
        return Hiccup(said, wait=wait or rate_limit_window(text))
    if answer.status in _PASSING_REFUSALS or answer.status not in (*_SUCCESS, *_REFUSAL):
        limited = answer.status == HTTPStatus.TOO_MANY_REQUESTS
        return Hiccup(said, wait=wait, took_effect=not limited)
    cause = cause_of(answer.status, text)
    return ApiError(f"{said}: {cause.likely}" if cause.likely else said, next_step=cause.next_step)
