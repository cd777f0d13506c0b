"""The two calls of the platform's API that a gate needs: start a run, and ask how it stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

from gatekeeper.core.answer.read import mentions_run, read_progress, read_started
from gatekeeper.core.answer.shape import Progress
from gatekeeper.core.pacing import limit_wait
from gatekeeper.core.text import one_line
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError, MalformedResult
from gatekeeper.kore.error_responses import cause_of, error_text, is_rate_limit, rate_limit_window
from gatekeeper.kore.retry import UNREACHED_TIMEOUT, TransientError, retry_after, retrying
from gatekeeper.kore.start_limit import StartLimit
from gatekeeper.kore.transport import HttpResponse, Transport, TransportError

_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)
_REFUSAL = range(400, 500)
_PASSING_REFUSALS = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)

Value = TypeVar("Value")


class KoreClient:
    """Talks about the conversation test suites of one app, until the deadline.

    `may_have_begun` tells, at any moment, whether a start was sent and not refused.
    """

    def __init__(
        self,
        transport: Transport,
        app: StartLimit,
        deadline: Deadline,
        tell: Callable[[str], None],
        debug: Callable[[str], None],
    ) -> None:
        self.host = transport.host
        self._transport = transport
        self._suites = f"/api/public/stream/{_segment(app.stream_id)}/conversation/testsuite"
        self._app = app
        self._deadline = deadline
        self._tell = tell
        self._debug = debug
        self.may_have_begun = False
        self._reached = False
        self._accepted = False
        self._doubted = False
        self._idle_since = 0.0
        self._why = ""

    def start_run(self, test_suite: str, bot_version: str, user_email: str) -> str:
        """Start a suite's run and return its id.

        The request is sent again only where the run surely did not begin: never after a response
        that names a run. Raises `ApiError`.
        """
        path = f"{self._suites}/{_segment(test_suite)}/run"
        body = {"version": bot_version, "userEmailId": user_email}

        def attempt() -> str:
            self._hold_back(self._app.reserve(self._deadline.remaining))
            self.may_have_begun = True
            run_id = answer = None
            try:
                answer = self._send("POST", path, body)
                run_id = _named_run(answer.body)
                # A limit that is reached with this very start refuses the next one, not this.
                if run_id is None or not _is_limit(answer):
                    self._understood(answer)
            except (TransientError, ApiError) as trouble:
                if run_id is not None:
                    raise _names_a_run(str(trouble), run_id) from None
                if trouble.took_effect or (answer and mentions_run(answer.body)):
                    raise _may_have_begun(str(trouble)) from None
                self.may_have_begun = False
                raise
            if run_id is None:
                raise _may_have_begun("the answer has no testRunId that could be one")
            return run_id

        return self._retrying(attempt, "start")

    def status(
        self, test_suite: str, test_run_id: str, sent: list[float]
    ) -> tuple[bytes, Progress]:
        """Ask for a run's status until there is an answer; return that, and the progress it tells.

        `sent` holds when (by the deadline's clock) requests about this run were sent, and grows
        with each; the documented limits are kept by it. Raises `ApiError`.
        """
        path = f"{self._suites}/{_segment(test_suite)}/{_segment(test_run_id)}/status"

        def attempt() -> tuple[bytes, Progress]:
            self._hold_back(limit_wait(sent, self._deadline.elapsed))
            sent.append(self._deadline.elapsed)
            return self._understood(self._send("GET", path))

        return self._retrying(attempt, "poll")

    def results_file(self, url: str) -> bytes:
        """Return the platform's results file, from a link to the very host that is asked.

        The link is signed, so the token stays out of it. Raises `ApiError`.
        """
        origin, path = f"{self.host}/", url.removeprefix(self.host)
        if not url.startswith(origin):
            raise ApiError(f"the results file lies on another host: {one_line(url)}")

        def attempt() -> bytes:
            answer = self._send("GET", path, token=False)
            if answer.status in _SUCCESS:
                return answer.body
            raise self._error(answer)

        return self._retrying(attempt, "results file")

    def _hold_back(self, wait: float) -> None:
        """Wait until a limit allows a request; raises `TransientError` if that takes too long."""
        if wait:
            if wait >= self._deadline.remaining:
                raise TransientError("the platform's limit of requests is used up", wait=wait)
            self._deadline.pause(wait)

    def _retrying(self, attempt: Callable[[], Value], why: str) -> Value:
        def tell(trouble: str) -> None:
            self._why = f"{why}, again"
            self._tell(trouble)

        self._why = why
        patience = math.inf if self._reached else UNREACHED_TIMEOUT
        return retrying(attempt, self._deadline, tell, patience=patience)

    def _understood(self, answer: HttpResponse) -> tuple[bytes, Progress]:
        """Return the JSON object that answers a request, and the progress it tells.

        Raises `TransientError` for what may pass by itself and `ApiError` for what will not.
        """
        if answer.status not in _SUCCESS:
            raise self._error(answer)
        try:
            progress = read_progress(answer.body)
        except MalformedResult as error:
            if is_rate_limit(error_text(answer.body)):
                raise self._error(answer) from None
            raise TransientError(f"HTTP {answer.status}, but {error}", took_effect=True) from None
        # An error can come with a status that says success, and with a state of its own.
        if progress.result is None and (
            is_rate_limit(error_text(answer.body))
            or (progress.errors and progress.states == (None, None))
        ):
            raise self._error(answer)
        self._accepted, self._doubted = True, False
        return answer.body, progress

    def _send(
        self, method: str, path: str, body: object = None, *, token: bool = True
    ) -> HttpResponse:
        """Send a request and return its answer, whatever that is; leave a line for debugging."""
        begun = self._deadline.elapsed
        outcome = "interrupted"
        try:
            answer = self._transport.send(method, path, body, self._deadline.remaining, token=token)
            outcome = f"HTTP {answer.status}, {len(answer.body):,} bytes"
        except TransportError as error:
            outcome = str(error)
            if error.passing:
                reached = took_effect = error.took_effect
                raise TransientError(str(error), reached=reached, took_effect=took_effect) from None
            raise ApiError(
                str(error),
                next_step="check host, ca-bundle and the proxy",
                took_effect=error.took_effect,
            ) from None
        finally:
            took, waited = self._deadline.elapsed - begun, begun - self._idle_since
            self._idle_since = self._deadline.elapsed
            self._debug(
                f"{method} {path}: {outcome}, {took:.3f} s, after {waited:.1f} s ({self._why})"
            )
        self._reached = True
        return answer

    def _error(self, answer: HttpResponse) -> TransientError | ApiError:
        """Tell what an error answer means: whether it passes, and what to do if not."""
        if answer.status in _REDIRECT and "location" in answer.headers:
            return _redirected(answer, self.host)
        text = error_text(answer.body)
        said = f"HTTP {answer.status} {text}".rstrip()
        wait = retry_after(answer.headers.get("retry-after"), answer.headers.get("date"))
        if is_rate_limit(text):
            return TransientError(said, wait=wait or rate_limit_window(text))
        if answer.status in _REDIRECT:
            return ApiError(said, next_step="check host")
        if answer.status in _PASSING_REFUSALS or answer.status not in (*_SUCCESS, *_REFUSAL):
            limited = answer.status == HTTPStatus.TOO_MANY_REQUESTS
            return TransientError(said, wait=wait, took_effect=not limited)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._accepted and not self._doubted:
            self._doubted = True
            return TransientError(f"{said}, though a token was accepted before")
        cause = cause_of(answer.status, text)
        what = f"{said}: {cause.likely}" if cause.likely else said
        return ApiError(what, next_step=cause.next_step)


def _segment(name: str) -> str:
    """Quote a name whole, so that it is one segment of a path whatever is in it."""
    quoted = quote(name, safe="")
    # Dots alone would be taken as a step up, quoted or not.
    return quoted.replace(".", "%2E") if not quoted.strip(".") else quoted


MAY_HAVE_BEGUN = "the run may have begun all the same, so it is not started again"
LOOK_FOR_IT = (
    "look for the run in the platform's test results; if it is there, give its id as test-run-id "
    "to wait for it, else start this job again"
)


def _may_have_begun(what: str) -> ApiError:
    return ApiError(f"{what}; {MAY_HAVE_BEGUN}", next_step=LOOK_FOR_IT)


def _named_run(body: bytes) -> str | None:
    try:
        return read_started(body)
    except MalformedResult:
        return None


def _is_limit(answer: HttpResponse) -> bool:
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS or is_rate_limit(error_text(answer.body))


def _names_a_run(what: str, test_run_id: str) -> ApiError:
    """Say that a start was refused and names a run all the same.

    That may be a run that somebody else started, so its verdict is not taken for this start's.
    """
    return ApiError(
        f"{what}; but it names run {test_run_id}; {MAY_HAVE_BEGUN}",
        next_step=(
            "see in the platform's test results whether this start began that run; if so, attach "
            f"to it with test-run-id {test_run_id}, else start this job again"
        ),
        test_run_id=test_run_id,
    )


def _redirected(answer: HttpResponse, host: str) -> ApiError:
    target = one_line(answer.headers["location"], 200)
    return ApiError(
        f"HTTP {answer.status}: {host} redirects to {target}, where the token must not go",
        next_step="if that is the right place, give it as host",
    )
