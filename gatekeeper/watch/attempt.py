"""What is known of a watched run: written by the thread that watches it, read by all others."""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec.structs import replace

from gatekeeper.console import Console
from gatekeeper.core.model import Reason, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.progress import SuiteProgress
from gatekeeper.core.reports import events, log
from gatekeeper.core.text import printable
from gatekeeper.core.verdict.target import Observed, Target
from gatekeeper.deadline import Deadline
from gatekeeper.events import NO_EVENTS, Events
from gatekeeper.kore.client import KoreClient
from gatekeeper.settings.gate_settings import SuiteSettings


class Attempt:
    """One attempt at a suite, from its turn to its end.

    `run` is its end, set once. `client` is `None` before its turn. `sent` lists when requests about
    it were sent, in seconds since its turn. `name` is the suite's in the log, `number` counts its
    attempts from 1; `changed` is called when its percentage has changed.
    """

    def __init__(  # noqa: PLR0913 - none of them belongs to another
        self,
        settings: SuiteSettings,
        name: str,
        console: Console,
        changed: Callable[[], None],
        *,
        events: Events = NO_EVENTS,
        number: int = 1,
    ) -> None:
        self.settings = settings
        self.name = name
        self.deadline = Deadline(settings.timeout)
        self.client: KoreClient | None = None
        self.test_run_id = settings.test_run_id
        # Whether the platform said that there is such a run, and not that it has ended.
        self.is_running = False
        self.start_ended = threading.Event()
        self.sent: list[float] = []
        self.percentage: float | None = None
        self.run: Run | None = None
        self._console = console
        self._changed = changed
        self._events = events
        self._number = number
        self._end = threading.Lock()
        self._steps = 0
        self._failed = 0
        self._warnings: list[Reason] = []

    def begin(self) -> None:
        """Start the time that the run has."""
        self.deadline = Deadline(self.settings.timeout)

    @property
    def may_have_begun(self) -> bool:
        """Whether a start was sent whose run is not known."""
        return self.test_run_id is None and self.client is not None and self.client.may_have_begun

    @property
    def now(self) -> SuiteProgress:
        """How far the run is at the moment."""
        return SuiteProgress(
            self.name,
            percentage=self.percentage,
            elapsed=self.deadline.elapsed,
            remaining=self.deadline.remaining,
            failed=self._failed,
        )

    @property
    def target(self) -> Target:
        """What the response has to be about, and what the run is reported as."""
        return replace(self.settings.target, test_run_id=self.test_run_id)

    @property
    def observed(self) -> Observed:
        """What was seen of the run so far."""
        warnings = tuple(self._warnings)
        return Observed(self._steps, self._failed, warnings, self.deadline.elapsed)

    def mask(self, text: str) -> str:
        """Return a text as reports show it, with the secrets masked."""
        return self._console.mask(text)

    def say(self, text: str) -> None:
        """Write a line to the log, unless the run has ended: its end says everything."""
        if self.run is None:
            self._console.inform(text)

    def started(self, test_run_id: str, host: str) -> None:
        """Report that the run is being watched."""
        settings = self.settings
        attached = settings.test_run_id is not None
        by = settings.started_by
        self.say(log.started(self.name, test_run_id, host, attached=attached, started_by=by))
        if self.run is None:
            event = events.Started(
                test_suite=printable(settings.test_suite),
                language=settings.bot_language,
                test_run_id=test_run_id,
                attempt=self._number,
                attached=attached,
            )
            self._events.write(event, self._console)

    def move(self, percentage: float | None) -> None:
        """Note a new percentage, and report it."""
        self.percentage = percentage
        if self.run is None:
            self._changed()
            event = events.Progress(
                test_suite=printable(self.settings.test_suite),
                language=self.settings.bot_language,
                test_run_id=self.test_run_id,
                attempt=self._number,
                percentage=percentage,
                elapsed=round(self.deadline.elapsed, 3),
            )
            self._events.write(event, self._console)

    def end(self, run: Run) -> Run:
        """Set the end of the run, unless it has one already; return the one that it has."""
        with self._end:
            if self.run is None:
                self._events.write(events.ended(run, self._number), self._console)
                self.run = run
            return self.run

    def note_steps(self, steps: int, failed: int) -> None:
        """Note how many steps there are and how many failed; the highest numbers count."""
        self._steps = max(self._steps, steps)
        self._failed = max(self._failed, failed)

    def warn(self, text: str) -> None:
        """Add a warning, and log it; once, however often it is given."""
        warning = Reason(Outcome.ERROR, text)
        if warning not in self._warnings:
            self._warnings.append(warning)
            self.say(f"  warning: {text}")
