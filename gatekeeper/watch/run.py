"""One run of one suite: started or attached to, polled until it has ended, and judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

from gatekeeper.core.model import Run
from gatekeeper.core.verdict.judged_run import judged_run
from gatekeeper.core.verdict.run_ids import shared_id
from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError, GatekeeperError, SharedRunId, internal_error
from gatekeeper.kore.client import KoreClient
from gatekeeper.settings.gate_settings import SuiteSettings
from gatekeeper.watch.attempt import Attempt
from gatekeeper.watch.ends import failed_watch
from gatekeeper.watch.polling import poll_until_ended

Connect: TypeAlias = Callable[[SuiteSettings, Deadline], KoreClient]
"""Makes the client for one run, which it may use until its deadline."""

Claim: TypeAlias = Callable[[str], str | None]
"""Claims the id of a run in a gate; returns the name of the run that has claimed it already."""


def watch(attempt: Attempt, connect: Connect, claim: Claim) -> Run:
    """Start a run or attach to one, wait for its end, and judge it.

    Every error becomes a run with a reason. The time that the run has starts here.
    """
    attempt.begin()
    settings = attempt.settings
    try:
        _refuse_unstarted(settings)
        client = attempt.client = connect(settings, attempt.deadline)
        run_id = settings.test_run_id or start(client, attempt)
        refuse_shared(run_id, attempt, claim)
        attempt.started(run_id, client.host)
        result = poll_until_ended(client, attempt, run_id)
        today = datetime.now(UTC).date()
        return judged_run(
            result, attempt.target, settings.policy, today, attempt.observed, mask=attempt.mask
        )
    except GatekeeperError as error:
        return failed_watch(attempt, error)
    except Exception as error:  # noqa: BLE001 - a bug must not look like a failed test
        return failed_watch(attempt, GatekeeperError(internal_error(error)))


def _refuse_unstarted(settings: SuiteSettings) -> None:
    """Raise `GatekeeperError` if `gatekeeper start` failed to start the run to attach to."""
    if settings.start and not settings.start.test_run_id:
        raise GatekeeperError(settings.start.what_failed, next_step=settings.start.next_step)


def start(client: KoreClient, attempt: Attempt) -> str:
    """Start the run of an attempt and return its id; raises `ApiError`."""
    settings = attempt.settings
    try:
        run_id = client.start_run(settings.test_suite, settings.bot_version, settings.user_email)
        attempt.is_running = True
        attempt.test_run_id = run_id
    except ApiError as error:
        # The run that an error names may be somebody else's.
        attempt.test_run_id = error.test_run_id
        raise
    finally:
        attempt.start_ended.set()
    return run_id


def refuse_shared(test_run_id: str, attempt: Attempt, claim: Claim) -> None:
    """Raise `SharedRunId` if the id is that of another run in this gate."""
    if other := claim(test_run_id):
        attempt.is_running = False
        advice = "run this job again; if it happens again, report it to the platform's vendor"
        if attempt.settings.test_run_id:
            advice = "attach to each run only once"
        raise SharedRunId(shared_id(test_run_id, [other]), next_step=advice)
