"""Several suites at the same time: each is watched on a thread of its own, so many at once."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence

from gatekeeper.console import Console
from gatekeeper.core.model import Run, Standing
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line
from gatekeeper.core.tries import with_tries
from gatekeeper.kore.client import KoreClient
from gatekeeper.runner import Connect, SuiteRun
from gatekeeper.settings.read import SuiteSettings

_TURN_SECONDS = 0.25


class Suite:
    """Watches a suite's run; where that failed, starts another one, as often as it may.

    An error of the platform is no reason to, and neither is a run that was attached to.
    """

    def __init__(
        self, settings: SuiteSettings, connect: Connect, console: Console, *, fail_on_flaky: bool
    ) -> None:
        self._settings = settings
        self._connect = connect
        self._console = console
        self._fail_on_flaky = fail_on_flaky
        self._run = SuiteRun(settings, connect, console)
        self._earlier: tuple[Run, ...] = ()

    def watch(self) -> None:
        """Watch until the suite passed, or may not be tried again."""
        tries = 1 + (0 if self._settings.test_run_id else self._settings.retries)
        self._run.watch()
        while self._run.end.verdict.outcome is Outcome.FAILED and len(self._earlier) + 1 < tries:
            self._earlier = (*self._earlier, self._run.end)
            about = one_line(self._settings.test_suite)
            self._console.say(f"  {about}: failed, try {len(self._earlier) + 1} of {tries}")
            self._run = SuiteRun(self._settings, self._connect, self._console)
            self._run.watch()

    def interrupt(self, signum: int) -> None:
        """Let what is known be the end, because a signal ended the watching."""
        self._run.interrupt(signum)

    @property
    def end(self) -> Run:
        """What came of the suite; raises `RuntimeError` before `watch` or `interrupt` has ended."""
        return with_tries(self._run.end, self._earlier, fail_on_flaky=self._fail_on_flaky)

    @property
    def client(self) -> KoreClient:
        """What talks about the suite's run; raises `RuntimeError` before `watch`."""
        return self._run.client

    @property
    def standing(self) -> Standing | None:
        """How the suite stands, while it is being watched."""
        return self._run.standing if self._run.is_watched else None


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
