"""One run of one suite: started or attached to, watched until it has ended, and judged."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

from msgspec.structs import replace

from gatekeeper.console import Console
from gatekeeper.core.answer.read import Announced, read_announced, read_result
from gatekeeper.core.answer.shape import Progress, Result
from gatekeeper.core.answer.states import State, has_ended, state_of
from gatekeeper.core.model import Reason, Run, Standing, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.pacing import next_wait, requests_left
from gatekeeper.core.reports import log
from gatekeeper.core.text import as_text, one_line, printable, seconds
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.verdict.run_ids import shared_id
from gatekeeper.core.verdict.target import Asked
from gatekeeper.core.verdict.tolerance import tolerate
from gatekeeper.core.versions import spelled
from gatekeeper.deadline import Deadline
from gatekeeper.errors import (
    ApiError,
    DeadlineExceeded,
    GatekeeperError,
    MalformedResult,
    SharedRunId,
    internal_error,
)
from gatekeeper.kore.client import LOOK_FOR_IT, MAY_HAVE_BEGUN, KoreClient
from gatekeeper.settings.load import SuiteSettings

# The last look at a run comes this share of the timeout before its end, at most so many seconds.
_LAST_LOOK_SHARE = 0.02
_LAST_LOOK_SECONDS = 2.0

Connect: TypeAlias = Callable[[SuiteSettings, Deadline], KoreClient]
"""Makes what talks about a run until its deadline."""

Claim: TypeAlias = Callable[[str], str | None]
"""Claims the id of a run in a gate; returns the name of what has claimed it before, if any."""


class SuiteRun:
    """Watches one run. Whatever ends the watching, what is known by then comes out as a `Run`."""

    def __init__(
        self, settings: SuiteSettings, connect: Connect, console: Console, claim: Claim
    ) -> None:
        self._settings = settings
        self._connect = connect
        self._console = console
        self._claim = claim
        self._client: KoreClient | None = None
        self._deadline = Deadline(settings.timeout)
        self._test_run_id = settings.test_run_id
        self._start_ended = threading.Event()
        self._attached = settings.test_run_id is not None
        self._is_own_run = True
        self._has_ended = False
        self._sent: list[float] = []
        self._end: Run | None = None
        self._percentage: float | None = None
        self._announced: int | None = None
        self._failed_before = 0
        self._warnings: list[Reason] = []

    @property
    def end(self) -> Run:
        """What came of the run; raises `RuntimeError` before `watch` or `interrupt` has ended."""
        if self._end is None:
            raise RuntimeError("the run is still being watched")
        return self._end

    def watch(self) -> None:
        """Start or attach, wait for the end, and judge; every error becomes a run with a reason.

        The time that the run has begins here.
        """
        self._deadline = Deadline(self._settings.timeout)
        try:
            client = self._client = self._connect(self._settings, self._deadline)
            run_id = self._claimed(self._test_run_id or self._start(client))
            result = self._until_ended(client, run_id)
            asked = Asked(
                test_run_id=self._test_run_id,
                stream_id=self._settings.stream_id,
                bot_version=self._expected_version,
                announced=self._announced,
                failed_before=self._failed_before,
            )
            run = self._run(judge(result, self._settings.policy, asked), result)
            self._end = replace(run, verdict=self._tolerated(run))
        except GatekeeperError as error:
            timeout = isinstance(error, DeadlineExceeded)
            self._end = self._unfinished(Outcome.TIMEOUT if timeout else Outcome.ERROR, error)
        except Exception as error:  # noqa: BLE001 - a gap in the gate must not look like a failed test
            self._end = self._unfinished(Outcome.ERROR, GatekeeperError(internal_error(error)))

    def _tolerated(self, run: Run) -> Verdict:
        if self._settings.policy.takes_failures_as_they_are:
            return run.verdict
        return tolerate(run, self._settings.policy, datetime.now(UTC).date())

    def interrupt(self, signum: int, patience: float) -> None:
        """Let what is known be the end, because a signal ended the watching.

        A start that is under way is waited for, at most for `patience` seconds: its response has
        the id by which the run can be attached to.
        """
        if self._may_have_begun:
            self._start_ended.wait(patience)
        if self._end is None:
            text = f"interrupted by {signal.Signals(signum).name} {self._last_seen()}"
            advice = LOOK_FOR_IT if self._may_have_begun else ""
            error = GatekeeperError(text, next_step=advice)
            self._end = self._unfinished(Outcome.ERROR, error)

    @property
    def is_watched(self) -> bool:
        """Whether the run is being watched at the moment."""
        return self._client is not None and self._end is None

    @property
    def standing(self) -> Standing:
        """How the run stands by now."""
        return Standing(
            self._settings.test_suite,
            self._percentage,
            self._deadline.elapsed,
            self._deadline.remaining,
            requests_left(self._sent, self._deadline.elapsed),
        )

    @property
    def client(self) -> KoreClient:
        """What talks about this run; raises `RuntimeError` before `watch`."""
        if self._client is None:
            raise RuntimeError("the run is not being watched yet")
        return self._client

    def _start(self, client: KoreClient) -> str:
        suite = self._settings.test_suite
        try:
            run_id = client.start_run(suite, self._settings.bot_version, self._settings.user_email)
            self._test_run_id = run_id
        except ApiError as error:
            self._test_run_id, self._is_own_run = error.test_run_id, False
            raise
        finally:
            self._start_ended.set()
        return run_id

    def _say(self, text: str) -> None:
        """Write a line to the log, but not after the end, which says all there is."""
        if self._end is None:
            self._console.say(text)

    def _claimed(self, test_run_id: str) -> str:
        """Return the id of a run that is no other's in this gate; raises `SharedRunId`."""
        if other := self._claim(test_run_id):
            self._is_own_run = False
            advice = "start this job again; if it ends like this again, tell the platform's vendor"
            if self._attached:
                advice = "attach to each run once"
            raise SharedRunId(shared_id(test_run_id, [other]), next_step=advice)
        return test_run_id

    def _until_ended(self, client: KoreClient, test_run_id: str) -> Result:
        """Ask for the run's status until it has ended; raises `DeadlineExceeded`, `ApiError`."""
        suite = self._settings.test_suite
        self._say(log.started(suite, test_run_id, client.host, attached=self._attached))
        began = self._deadline.elapsed
        history: list[tuple[float, float | None]] = []
        last_look = min(_LAST_LOOK_SECONDS, _LAST_LOOK_SHARE * self._deadline.timeout)
        while True:
            try:
                body, progress = client.status(suite, test_run_id, self._sent)
            except ApiError as error:
                if history and error.cut_off:
                    raise self._out_of_time(f"; the last request: {error.what}") from None
                raise
            self._note(progress, first=not history)
            history.append((self._deadline.elapsed - began, progress.percentage))
            if has_ended(progress.states, progress.percentage):
                self._has_ended = True
                return read_result(body)
            self._remember(read_announced(body), test_run_id)
            self._warn_of_unknown_states(progress)
            if self._deadline.remaining <= last_look:
                raise self._out_of_time()
            wait = next_wait(history, progress.total_steps)
            self._deadline.pause(min(wait, self._deadline.remaining - last_look))

    def _out_of_time(self, more: str = "") -> DeadlineExceeded:
        text = f"no verdict within {seconds(self._deadline.timeout)} {self._last_seen()}{more}"
        return DeadlineExceeded(text, next_step="raise timeout")

    def _note(self, progress: Progress, *, first: bool) -> None:
        """Tell when the percentage moved."""
        if first or progress.percentage != self._percentage:
            self._percentage = progress.percentage
            if self._end is None:
                self._console.update(log.progress(self.standing))

    def _remember(self, announced: Announced, test_run_id: str) -> None:
        """Note what the end of the run is held to, and warn of what is odd by now."""
        self._announced = max(self._announced or 0, announced.steps)
        self._failed_before = max(self._failed_before, announced.failed)
        if announced.errors:
            errors = one_line(as_text(announced.errors), 300)
            self._warn(f"the platform reported errors while the run was in progress: {errors}")
        if announced.test_run_id not in (None, "", test_run_id):
            other = one_line(as_text(announced.test_run_id), 100)
            self._warn(f"a response was about another run: {other}")

    def _warn(self, text: str) -> None:
        warning = Reason(Outcome.ERROR, text)
        if warning not in self._warnings:
            self._warnings.append(warning)
            self._say(f"  warning: {text}")

    def _warn_of_unknown_states(self, progress: Progress) -> None:
        told = [
            f"unknown state {one_line(as_text(word), 100)!r} while the run went on"
            for word in progress.states
            if state_of(word) is State.UNKNOWN
        ]
        if progress.states == (None, None):
            told = ["an answer told no state while the run went on"]
        for text in told:
            self._warn(text)

    @property
    def _expected_version(self) -> str | None:
        return self._settings.bot_version if self._settings.expects_version else None

    @property
    def _may_have_begun(self) -> bool:
        begun = self._client is not None and self._client.may_have_begun
        return self._test_run_id is None and begun

    def _last_seen(self) -> str:
        if self._may_have_begun:
            return f"before the start was answered; {MAY_HAVE_BEGUN}"
        if self._test_run_id is None:
            return "before the run was started"
        if self._percentage is None:
            return "while the run was going"
        return f"while the run was going, {self._percentage:g} % done when last seen"

    def _unfinished(self, outcome: Outcome, error: GatekeeperError) -> Run:
        steps = [error.next_step] if error.next_step else []
        if isinstance(error, MalformedResult):
            steps.append("look at the run on the platform, and tell its vendor what was malformed")
        if self._test_run_id and self._is_own_run and not self._has_ended:
            steps.append(
                "the run itself goes on, as the platform has no call to cancel one: attach to it "
                f"with test-run-id {self._test_run_id}"
            )
        check = Check.CONTRADICTION if isinstance(error, SharedRunId) else None
        reason = Reason(outcome, printable(error.what), check, firm=True)
        return self._run(Verdict(outcome, (reason,), next_step="; ".join(steps)))

    def _run(self, verdict: Verdict, result: Result | None = None) -> Run:
        settings = self._settings
        return Run(
            test_suite=settings.test_suite,
            test_run_id=self._test_run_id,
            verdict=replace(verdict, warnings=(*self._warnings, *verdict.warnings)),
            stream_id=settings.stream_id,
            # What version an attached run is of, only its result can tell.
            bot_version=spelled(result.version)
            if result and self._attached
            else self._expected_version,
            language=settings.bot_language,
            duration=(result.duration if result else None) or self._deadline.elapsed,
            results_url=result.results_url if result else None,
            result=result,
        )
