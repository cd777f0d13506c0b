"""Ends of a run without a result: an error, a timeout, a signal."""

from __future__ import annotations

import signal

from msgspec.structs import replace

from gatekeeper.core.model import Reason, Run
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.runs_file import START_AGAIN
from gatekeeper.core.text import printable
from gatekeeper.core.verdict.judged_run import malformed_run, unjudged_run
from gatekeeper.errors import DeadlineExceeded, GatekeeperError, MalformedResult, SharedRunId
from gatekeeper.kore.client import LOOK_FOR_IT, MAY_HAVE_BEGUN
from gatekeeper.kore.error_responses import RUN_NOT_FOUND
from gatekeeper.watch.attempt import Attempt


def failed_watch(attempt: Attempt, error: GatekeeperError) -> Run:
    """Return the run whose watching ended in an error, or in a timeout."""
    advice = [error.next_step] if error.next_step else []
    if attempt.settings.started_by and error.next_step == RUN_NOT_FOUND.next_step:
        # There is no test-run-id to check.
        advice = [START_AGAIN]
    if isinstance(error, MalformedResult):
        run = malformed_run(attempt.target, error, attempt.observed)
        advice.append("look at the run on the platform, and report the response to its vendor")
    else:
        outcome = Outcome.TIMEOUT if isinstance(error, DeadlineExceeded) else Outcome.ERROR
        check = Check.CONTRADICTION if isinstance(error, SharedRunId) else None
        reason = Reason(outcome, printable(error.what), check, firm=True)
        run = unjudged_run(attempt.target, reason, attempt.observed)
    if attempt.test_run_id and attempt.is_running:
        how = f"attach to it with test-run-id {attempt.test_run_id}"
        if attempt.settings.started_by:
            # A gate that attaches to a file can have no test-run-id.
            how = "run this job again to attach to it"
        advice.append(f"the run itself continues, as the platform has no call to cancel one: {how}")
    return replace(run, verdict=replace(run.verdict, next_step="; ".join(advice)))


def interrupt(attempt: Attempt, signum: int, patience: float) -> None:
    """End a run, because of a signal, with what is known of it.

    If its start is in flight, that is given `patience` seconds to end: its response has the id by
    which the run can be attached to.
    """
    if attempt.may_have_begun:
        attempt.start_ended.wait(patience)
    if attempt.run is None:
        text = f"interrupted by {signal.Signals(signum).name} {last_seen(attempt)}"
        advice = LOOK_FOR_IT if attempt.may_have_begun else ""
        attempt.end(failed_watch(attempt, GatekeeperError(text, next_step=advice)))


def last_seen(attempt: Attempt) -> str:
    """Say how far the run was when it was last seen, to end a sentence about its end."""
    if attempt.may_have_begun:
        return f"before the platform answered the start request; {MAY_HAVE_BEGUN}"
    if attempt.test_run_id is None:
        return "before the run was started"
    if not attempt.is_running:
        return "before the platform responded about the run"
    if attempt.percentage is None:
        return "while the run was in progress"
    return f"while the run was in progress, {attempt.percentage:g} % done when last seen"
