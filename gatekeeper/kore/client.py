"""The calls of the platform's API that a gate makes: start a run, get its status and results."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from gatekeeper.core.answer.read import mentions_run, read_started
from gatekeeper.core.answer.shape import Progress
from gatekeeper.core.rate_limits import limit_wait
from gatekeeper.core.text import one_line
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError, MalformedResult
from gatekeeper.kore.credentials_names import UNNAMED, CredentialsNames
from gatekeeper.kore.responses import ResponseReader, is_success, reports_rate_limit
from gatekeeper.kore.retry import UNREACHED_TIMEOUT, TransientError, retrying
from gatekeeper.kore.start_limit import StartLimit
from gatekeeper.kore.transport import HttpResponse, Transport

MAY_HAVE_BEGUN = "the run may have started anyway, so the start is not retried"
LOOK_FOR_IT = (
    "look for the run in the platform's test results; if it is there, set test-run-id to its id to "
    "wait for it, otherwise start this job again"
)

Value = TypeVar("Value")


class KoreClient:
    """Sends requests about the conversation test suites of one app, until the deadline.

    `names` are those of its credentials. `may_have_begun` says, at any moment, whether a start was
    sent and not refused.
    """

    def __init__(  # noqa: PLR0913 - collaborators, none of which belongs to another
        self,
        transport: Transport,
        stream_id: str,
        start_limit: StartLimit,
        deadline: Deadline,
        *,
        log: Callable[[str], None],
        debug: Callable[[str], None],
        names: CredentialsNames = UNNAMED,
    ) -> None:
        self.host = transport.host
        self._transport = transport
        self._stream_id = stream_id
        self._start_limit = start_limit
        self._deadline = deadline
        self._log = log
        self._debug = debug
        self._responses = ResponseReader(transport.host, names)
        self.may_have_begun = False
        self._reached = False
        self._idle_since = 0.0
        self._purpose = ""

    def start_run(self, test_suite: str, bot_version: str, user_email: str) -> str:
        """Start a suite's run and return its id.

        The request is retried only if the run surely did not start: never after a response that
        names a run. Raises `ApiError`.
        """
        path = f"{_suite_path(self._stream_id, test_suite)}/run"
        body = {"version": bot_version, "userEmailId": user_email}

        def attempt() -> str:
            self._hold_back(self._start_limit.reserve(self._deadline.remaining))
            self.may_have_begun = True
            run_id = response = None
            try:
                response = self._send("POST", path, body)
                run_id = _named_run(response.body)
                # A limit that this very start reaches refuses the next one, not this one.
                if run_id is None or not reports_rate_limit(response):
                    self._responses.progress(response)
            except (TransientError, ApiError) as error:
                if run_id is not None:
                    raise _names_a_run(str(error), run_id) from None
                if error.took_effect or (response and mentions_run(response.body)):
                    raise _may_have_begun(str(error)) from None
                self.may_have_begun = False
                raise
            if run_id is None:
                raise _may_have_begun("the response has no valid testRunId")
            return run_id

        return self._retrying(attempt, "start")

    def status(
        self, test_suite: str, test_run_id: str, sent: list[float]
    ) -> tuple[bytes, Progress]:
        """Return the response to a run's status request, and the progress it reports.

        `sent` lists when requests about this run were sent (seconds on the deadline's clock); this
        call obeys the rate limits by it, and adds to it. Raises `ApiError`.
        """
        path = status_path(self._stream_id, test_suite, test_run_id)

        def attempt() -> tuple[bytes, Progress]:
            self._hold_back(limit_wait(sent, self._deadline.elapsed))
            sent.append(self._deadline.elapsed)
            response = self._send("GET", path)
            return response.body, self._responses.progress(response)

        return self._retrying(attempt, "poll")

    def results_file(self, url: str) -> bytes:
        """Return the platform's results file; its URL must be on the client's own host.

        The link is signed, so the request is sent without a token. Raises `ApiError`.
        """
        origin, path = f"{self.host}/", url.removeprefix(self.host)
        if not url.startswith(origin):
            raise ApiError(f"the results file is on another host: {one_line(url)}")

        def attempt() -> bytes:
            response = self._send("GET", path, token=False)
            if is_success(response):
                return response.body
            raise self._responses.error(response)

        return self._retrying(attempt, "results file")

    def _hold_back(self, wait: float) -> None:
        """Wait until a rate limit allows a request; raises `TransientError` if it is too long."""
        if wait:
            if wait >= self._deadline.remaining:
                raise TransientError("the platform's rate limit is used up", wait=wait)
            self._deadline.pause(wait)

    def _retrying(self, attempt: Callable[[], Value], purpose: str) -> Value:
        def log(text: str) -> None:
            self._purpose = f"{purpose}, retry"
            self._log(text)

        self._purpose = purpose
        timeout = math.inf if self._reached else UNREACHED_TIMEOUT
        return retrying(attempt, self._deadline, log, unreached_timeout=timeout)

    def _send(
        self, method: str, path: str, body: object = None, *, token: bool = True
    ) -> HttpResponse:
        """Send a request, write a debug line about it, and return the response of any status."""
        start = self._deadline.elapsed
        outcome = "interrupted"
        try:
            response = self._transport.send(
                method, path, body, self._deadline.remaining, token=token
            )
            outcome = f"HTTP {response.status}, {len(response.body):,} bytes"
        except (TransientError, ApiError) as error:
            outcome = str(error)
            raise
        finally:
            duration, idle = self._deadline.elapsed - start, start - self._idle_since
            self._idle_since = self._deadline.elapsed
            self._debug(
                f"{method} {path}: {outcome}, {duration:.3f} s, after {idle:.1f} s idle "
                f"({self._purpose})"
            )
        self._reached = True
        return response


def status_path(stream_id: str, test_suite: str, test_run_id: str) -> str:
    """Return the path of the request for a run's status."""
    return f"{_suite_path(stream_id, test_suite)}/{_segment(test_run_id)}/status"


def _suite_path(stream_id: str, test_suite: str) -> str:
    stream, suite = _segment(stream_id), _segment(test_suite)
    return f"/api/public/stream/{stream}/conversation/testsuite/{suite}"


def _segment(name: str) -> str:
    """Quote a name so that it is a single segment of a path, whatever it contains."""
    quoted = quote(name, safe="")
    # A segment of dots would mean a parent folder, even if they are quoted once.
    return quoted.replace(".", "%2E") if not quoted.strip(".") else quoted


def _named_run(body: bytes) -> str | None:
    try:
        return read_started(body)
    except MalformedResult:
        return None


def _may_have_begun(what: str) -> ApiError:
    return ApiError(f"{what}; {MAY_HAVE_BEGUN}", next_step=LOOK_FOR_IT)


def _names_a_run(what: str, test_run_id: str) -> ApiError:
    """Return the error of a start that was refused with a response that names a run.

    Somebody else may have started that run, so the gate does not take its verdict.
    """
    return ApiError(
        f"{what}; but the response names run {test_run_id}; {MAY_HAVE_BEGUN}",
        next_step=(
            "check in the platform's test results whether this start began that run; if so, attach "
            f"to it with test-run-id {test_run_id}, otherwise start this job again"
        ),
        test_run_id=test_run_id,
    )
