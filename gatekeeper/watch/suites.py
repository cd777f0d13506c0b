"""Several suites at the same time: each is watched on a thread of its own, so many at once."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence

from gatekeeper.console import Console
from gatekeeper.core.model import Run, RunProgress
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.attempts import with_attempts
from gatekeeper.kore.client import KoreClient
from gatekeeper.settings.load import SuiteSettings
from gatekeeper.watch.run import Connect, SuiteRun

_TURN_SECONDS = 0.25


class RunIds:
    """The ids of runs that are claimed in a gate, each once; safe to use from threads."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def claim(self, test_run_id: str, name: str) -> str | None:
        """Claim an id by a name; where that was done before, return the name it was done by."""
        with self._lock:
            if other := self._names.get(test_run_id):
                return other
            self._names[test_run_id] = name
            return None


class Suite:
    """Watches a suite's run; where that failed, starts another one, as often as it may.

    An attempt without a verdict is no reason to, and neither is a run that was attached to.
    """

    def __init__(
        self,
        settings: SuiteSettings,
        connect: Connect,
        console: Console,
        run_ids: RunIds,
        *,
        fail_on_flaky: bool,
    ) -> None:
        self._settings = settings
        self._connect = connect
        self._console = console
        self._run_ids = run_ids
        self._fail_on_flaky = fail_on_flaky
        self._lock = threading.Lock()
        self._is_interrupted = False
        self._attempts = [self._attempt(1)]

    def watch(self) -> None:
        """Watch until an attempt has not failed, or no other may follow it."""
        most = 1 + (0 if self._settings.test_run_id else self._settings.retries)
        while True:
            self._attempts[-1].watch()
            number = len(self._attempts)
            if self._attempts[-1].end.verdict.outcome is not Outcome.FAILED or number >= most:
                return
            # A signal may have come since: what is started now would be watched by nobody.
            with self._lock:
                if self._is_interrupted:
                    return
                self._attempts.append(self._attempt(number + 1))
            about = one_line(self._settings.test_suite)
            text = f"attempt {number} failed, attempt {number + 1} of at most {most} begins"
            self._console.say(f"  {about}: {text}")

    def _attempt(self, number: int) -> SuiteRun:
        settings = self._settings
        name = f"{one_line(settings.test_suite)} ({settings.bot_language}), attempt {number}"
        return SuiteRun(
            settings,
            self._connect,
            self._console,
            lambda test_run_id: self._run_ids.claim(test_run_id, name),
        )

    def interrupt(self, signum: int, patience: float) -> None:
        """Let what is known be the end, because a signal ended the watching.

        A start that is under way may take `patience` seconds more.
        """
        with self._lock:
            self._is_interrupted = True
            self._attempts[-1].interrupt(signum, patience)

    @property
    def end(self) -> Run:
        """What came of the suite; raises `RuntimeError` before `watch` or `interrupt` has ended."""
        ends = [attempt.end for attempt in self._attempts]
        return with_attempts(ends, fail_on_flaky=self._fail_on_flaky)

    @property
    def client(self) -> KoreClient:
        """What talks about the run that counts; raises `RuntimeError` before `watch` has ended."""
        return self._attempts[self.end.attempt - 1].client

    @property
    def standing(self) -> RunProgress | None:
        """How the suite stands, while it is being watched."""
        attempt = self._attempts[-1]
        return attempt.standing if attempt.is_watched else None


def watch_all(suites: Sequence[Suite], parallel: int, afterwards: Callable[[Suite], None]) -> None:
    """Watch all suites to their ends, at most `parallel` at once, in their order.

    `afterwards` is called for each that has ended. It all happens on threads that end with the
    program, so that a signal can end the waiting; raises whatever a thread raised.
    """
    waiting: queue.SimpleQueue[Suite] = queue.SimpleQueue()
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    for suite in suites:
        waiting.put(suite)

    def work() -> None:
        while True:
            try:
                suite = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                suite.watch()
                afterwards(suite)
                ended.put(None)
            except BaseException as error:  # noqa: BLE001 - the waiting thread has to hear of it
                ended.put(error)

    for number in range(min(parallel, len(suites))):
        threading.Thread(target=work, name=f"suite-{number}", daemon=True).start()
    for _ in suites:
        if error := _next_of(ended):
            raise error


def _next_of(ended: queue.SimpleQueue[BaseException | None]) -> BaseException | None:
    while True:
        # A signal that comes just before the waiting begins would not end it: only the next turn.
        with contextlib.suppress(queue.Empty):
            return ended.get(timeout=_TURN_SECONDS)
