"""Starting suites without waiting for their runs to end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec.structs import replace

from gatekeeper.core.model import Run
from gatekeeper.core.runs_file import NOT_YET, START_AGAIN, SavedStart
from gatekeeper.core.text import printable
from gatekeeper.errors import GatekeeperError, internal_error
from gatekeeper.watch.attempt import Attempt
from gatekeeper.watch.ends import failed_watch, interrupt
from gatekeeper.watch.run import Claim, Connect, refuse_shared, start


class SuiteStart:
    """Starts the run of one suite; every error becomes a run with a reason.

    `ended` is called once the run of its `attempt` is started, or failed to start.
    """

    def __init__(
        self, attempt: Attempt, connect: Connect, claim: Claim, ended: Callable[[], None]
    ) -> None:
        self._attempt = attempt
        self._connect = connect
        self._claim = claim
        self._ended = ended
        self._started_at: str | None = None
        self._lock = threading.Lock()
        self._is_interrupted = False

    @property
    def name(self) -> str:
        """The suite's name in the log."""
        return self._attempt.name

    def watch(self) -> None:
        """Start the run, unless a signal came first."""
        with self._lock:
            if self._is_interrupted:
                return
            self._attempt.begin()
        attempt = self._attempt
        try:
            client = attempt.client = self._connect(attempt.settings, attempt.deadline)
            run_id = start(client, attempt)
            self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
            refuse_shared(run_id, attempt, self._claim)
            attempt.started(run_id, client.host)
        except GatekeeperError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - a bug here must not cost the other starts
            self._fail(GatekeeperError(internal_error(error)))
        self._ended()

    def _fail(self, error: GatekeeperError) -> None:
        # A signal may have ended it in the meantime.
        self._attempt.end(failed_watch(self._attempt, error))

    def interrupt(self, signum: int, patience: float) -> None:
        """End the start because of a signal; one that is in flight has `patience` seconds."""
        with self._lock:
            self._is_interrupted = True
        if not self.is_started:
            interrupt(self._attempt, signum, patience)

    @property
    def is_started(self) -> bool:
        """Whether the run was started, and its id is known."""
        return self._attempt.is_running and self._attempt.test_run_id is not None

    @property
    def failed_run(self) -> Run | None:
        """The run in error that stands for a start that failed; `None` if it did not."""
        return None if self.is_started else self._attempt.run

    @property
    def saved(self) -> SavedStart:
        """What came of it so far, for `runs.json`."""
        attempt, settings = self._attempt, self._attempt.settings
        start = SavedStart(
            test_suite=printable(settings.test_suite),
            stream_id=settings.stream_id,
            language=settings.bot_language,
            bot_version=settings.bot_version,
        )
        if self.is_started:
            return replace(start, test_run_id=attempt.test_run_id, started_at=self._started_at)
        verdict = attempt.run.verdict if attempt.run else None
        if verdict is None:
            return replace(start, problem=NOT_YET, next_step=START_AGAIN)
        why = "; ".join(reason.text for reason in verdict.reasons) or NOT_YET
        return replace(start, problem=why, next_step=verdict.next_step or START_AGAIN)
