"""Several suites at once: each is watched, and retried, on a thread of its own."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from gatekeeper.console import Console
from gatekeeper.core.model import Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.progress import SuiteProgress
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.attempts import with_attempts
from gatekeeper.core.wording.why import outcome_words
from gatekeeper.errors import GatekeeperError, internal_error
from gatekeeper.events import NO_EVENTS, Events
from gatekeeper.settings.gate_settings import SuiteSettings
from gatekeeper.watch.attempt import Attempt
from gatekeeper.watch.ends import interrupt
from gatekeeper.watch.progress_log import ProgressLog
from gatekeeper.watch.run import Connect, watch

_TURN_SECONDS = 0.25


class RunIds:
    """The ids of runs that are claimed in a gate, each once; thread-safe."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def claim(self, test_run_id: str, name: str) -> str | None:
        """Claim an id under a name; return the name that has claimed it already, if any."""
        with self._lock:
            if other := self._names.get(test_run_id):
                return other
            self._names[test_run_id] = name
            return None


class GateContext(NamedTuple):
    """What all suites of a gate share."""

    connect: Connect
    console: Console
    progress: ProgressLog
    run_ids: RunIds
    fail_on_flaky: bool
    events: Events = NO_EVENTS


class SuiteWatch:
    """Watches one suite, and starts it again if it failed, as often as its settings allow.

    An attempt without a verdict is not retried, and neither is a run that was attached to.
    `variant` distinguishes it from other runs of its suite. `save_results` takes the platform's
    results file, if it is wanted; `unsaved` says why it could not be saved.
    """

    def __init__(
        self,
        settings: SuiteSettings,
        gate: GateContext,
        variant: str = "",
        save_results: Callable[[bytes], None] | None = None,
    ) -> None:
        self.unsaved: tuple[str, ...] = ()
        name = f"{settings.test_suite} ({variant})" if variant else settings.test_suite
        # The live display masks nothing itself.
        self.name = gate.console.mask(name)
        self._settings = settings
        self._variant = variant
        self._gate = gate
        self._save_results = save_results
        self._lock = threading.Lock()
        self._is_interrupted = False
        self._attempts = [self._new_attempt(1)]
        self._ended: SuiteProgress | None = None

    def _new_attempt(self, number: int) -> Attempt:
        gate = self._gate
        return Attempt(
            self._settings,
            self.name,
            gate.console,
            gate.progress.changed,
            events=gate.events,
            number=number,
        )

    def watch(self) -> None:
        """Watch until an attempt does not fail, or none may follow; not at all after a signal."""
        with self._lock:
            if self._is_interrupted:
                return
        most = 1 + (0 if self._settings.test_run_id else self._settings.retries)
        while True:
            number, attempt = len(self._attempts), self._attempts[-1]
            run = self._watch_attempt(attempt, number)
            if run.verdict.outcome is not Outcome.FAILED or number >= most:
                break
            # After a signal, nobody would watch what is started now.
            with self._lock:
                if self._is_interrupted:
                    break
                self._attempts.append(self._new_attempt(number + 1))
            text = f"attempt {number} failed, starting attempt {number + 1} of at most {most}"
            self._gate.console.inform(f"  {one_line(self.name)}: {text}")
        self._keep_results_file()
        if not self._is_interrupted:
            self._end()

    def _end(self) -> None:
        run = self.run
        duration, outcome = run.duration or 0.0, run.verdict.outcome
        self._ended = SuiteProgress(
            self.name, elapsed=duration, outcome=outcome, ending=outcome_words(run)
        )
        self._gate.progress.ended(run)

    def _watch_attempt(self, attempt: Attempt, number: int) -> Run:
        gate, settings = self._gate, self._settings
        suite = f"{one_line(settings.test_suite)} ({settings.bot_language})"
        name = f"{suite}, attempt {number}"
        run = watch(attempt, gate.connect, lambda run_id: gate.run_ids.claim(run_id, name))
        # A signal may have ended it in the meantime.
        return attempt.end(run)

    def _keep_results_file(self) -> None:
        """Save the platform's results file of the attempt that counts, if it has one."""
        run = self.run
        client = self._attempts[run.attempt - 1].client
        if self._save_results is None or run.results_url is None or client is None:
            return
        try:
            self._save_results(client.results_file(run.results_url))
        except Exception as error:  # noqa: BLE001 - a bug here must not cost the verdict
            why = error.what if isinstance(error, GatekeeperError) else internal_error(error)
            self.unsaved = (f"the results file could not be saved: {why}",)
            self._gate.console.say(f"error: {self.unsaved[0]}")

    def interrupt(self, signum: int, patience: float) -> None:
        """End the suite, because of a signal, with what is known of it.

        A start that is in flight may take `patience` seconds more.
        """
        with self._lock:
            self._is_interrupted = True
            interrupt(self._attempts[-1], signum, patience)

    @property
    def run(self) -> Run:
        """The run of the suite; raises `RuntimeError` while it is being watched."""
        runs = [attempt.run for attempt in self._attempts if attempt.run]
        if len(runs) < len(self._attempts):
            raise RuntimeError("the suite is still being watched")
        run = with_attempts(runs, fail_on_flaky=self._gate.fail_on_flaky)
        return replace(run, variant=self._variant, started_by=self._settings.started_by)

    @property
    def now(self) -> SuiteProgress:
        """How far the suite is at the moment."""
        if self._ended:
            return self._ended
        attempt = self._attempts[-1]
        is_waiting = attempt.client is None and len(self._attempts) == 1
        return SuiteProgress(self.name, is_waiting=True) if is_waiting else attempt.now


class Watched(Protocol):
    """A suite to watch to its end, or only until its run is started."""

    def watch(self) -> None:
        """Watch it."""


def watch_all(suites: Sequence[Watched], parallel: int) -> None:
    """Watch all suites to their ends, at most `parallel` at once, in their order.

    They are watched on threads that end with the program, so that a signal can end the waiting.
    Raises whatever a thread raises.
    """
    waiting: queue.SimpleQueue[Watched] = queue.SimpleQueue()
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
                ended.put(None)
            except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
                ended.put(error)

    for number in range(min(parallel, len(suites))):
        threading.Thread(target=work, name=f"suite-{number}", daemon=True).start()
    for _ in suites:
        if error := _next_of(ended):
            raise error


def _next_of(ended: queue.SimpleQueue[BaseException | None]) -> BaseException | None:
    while True:
        # A signal right before the wait would not end it, so each wait is short.
        with contextlib.suppress(queue.Empty):
            return ended.get(timeout=_TURN_SECONDS)
