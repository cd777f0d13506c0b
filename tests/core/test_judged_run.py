"""From a response to a run: what the target leaves open is the result's, errors are runs too."""

import json
import re
from functools import partial
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Reason, Run, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.baseline import Baseline, BaselineRun, Failures
from gatekeeper.core.verdict.judged_run import judged_run, malformed_run, unjudged_run
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.target import Observed, Target
from gatekeeper.errors import MalformedResult
from support.builders import TODAY, Json, finished, greeting, run_of

ANSWER = finished(greeting())


def observed_run(answer: Json, observed: Observed) -> Run:
    result = read_result(json.dumps(answer).encode())
    return judged_run(result, Target("Booking"), Policy(), TODAY, observed)


def test_what_the_target_leaves_open_is_taken_from_the_result() -> None:
    run = run_of(ANSWER)
    known = (run.test_run_id, run.stream_id, run.bot_version, run.language, run.duration)
    assert known == ("ctr-1", "st-1", "published", None, 14.364)
    answer = finished(greeting())
    answer["result"]["fileUrl"] = "https://bots.kore.ai/f"
    assert run_of(answer).results_url == "https://bots.kore.ai/f"


def test_what_the_target_says_is_what_the_run_is_reported_as() -> None:
    run = run_of(ANSWER, test_run_id="ctr-2", stream_id="st-2", language="de")
    assert (run.test_run_id, run.stream_id, run.language) == ("ctr-2", "st-2", "de")
    assert run.verdict.outcome is Outcome.ERROR


@pytest.mark.parametrize(("started", "version"), [(True, "published"), (False, "inDevelopment")])
def test_only_a_run_that_was_started_is_of_the_version_that_was_asked_for(
    started: bool, version: str
) -> None:
    answer = finished(greeting())
    answer["result"]["version"] = "configured"
    policy = Policy(accept=frozenset({Check.VERSION}))
    run = run_of(answer, policy=policy, bot_version="published", started=started)
    assert (run.verdict.outcome, run.bot_version) == (Outcome.PASSED, version)


@pytest.mark.parametrize(
    ("duration", "unwatched"), [(None, None), (0, 0.0), ("long", None), (-1, None)]
)
def test_a_run_without_a_duration_took_as_long_as_it_was_watched(
    duration: Any, unwatched: float | None
) -> None:
    answer = finished(greeting())
    answer["result"]["duration"] = duration
    assert observed_run(answer, Observed(elapsed=7.0)).duration == 7.0
    assert observed_run(ANSWER, Observed(elapsed=7.0)).duration == 14.364
    assert run_of(answer).duration == unwatched


def test_warnings_of_the_time_in_progress_come_first() -> None:
    warning = Reason(Outcome.ERROR, "odd")
    run = observed_run(ANSWER | {"_id": None}, Observed(warnings=(warning,)))
    assert run.verdict.warnings[0] is warning
    assert len(run.verdict.warnings) == 2


def test_fewer_failures_than_were_seen_in_progress_are_a_contradiction() -> None:
    run = observed_run(ANSWER, Observed(failed=1))
    [reason] = run.verdict.reasons
    assert (run.verdict.outcome, reason.check) == (Outcome.ERROR, Check.CONTRADICTION)


def test_a_malformed_response_is_a_run_in_error_that_nothing_accepts() -> None:
    run = run_of(b"[]", policy=Policy(accept=frozenset(Check), blocking=False), language="en")
    [reason] = run.verdict.reasons
    assert (run.verdict.outcome, reason.firm) == (Outcome.ERROR, True)
    assert str(reason) == "malformed response: expected object, found list"
    assert (run.test_suite, run.language, run.result) == ("Booking", "en", None)


def test_a_run_without_a_result_is_known_by_what_was_asked_for_and_observed() -> None:
    target = Target("Booking", "ctr-1", "st-1", "published", "en")
    odd = Reason(Outcome.PASSED, "odd")
    late = Reason(Outcome.TIMEOUT, "too late", firm=True)
    run = unjudged_run(target, late, Observed(warnings=(odd,), elapsed=7.0))
    verdict = Verdict(Outcome.TIMEOUT, (late,), (odd,))
    assert run == Run("Booking", "ctr-1", verdict, "st-1", "published", "en", 7.0)
    run = malformed_run(target, MalformedResult("a\x00b"), Observed(warnings=(odd,), elapsed=7.0))
    verdict = Verdict(Outcome.ERROR, (Reason(Outcome.ERROR, "ab", firm=True),), (odd,))
    assert run == Run("Booking", "ctr-1", verdict, "st-1", "published", "en", 7.0)


def test_a_policy_is_applied_to_the_verdict() -> None:
    answer = finished(greeting("failed"), status="failed")
    assert run_of(answer).verdict.outcome is Outcome.FAILED
    assert run_of(answer, policy=Policy(blocking=False)).verdict.outcome is Outcome.TOLERATED


def judged_with_a_secret(status: str) -> Verdict:
    """Judge a step with a secret in its name, which failed in the baseline."""
    answer = finished(greeting(status) | {"input": "my PIN is 1234"}, status=status)
    target = Target("Booking", stream_id="st-1", bot_version="published", language="en")
    failures = Failures(frozenset({"my PIN is ***"}))
    earlier = BaselineRun("Booking", ("st-1", "en", "published"), failures)
    policy = Policy(baseline=Baseline("old.json", (earlier,)))
    result = read_result(json.dumps(answer).encode())
    mask = partial(re.sub, "1234", "***")
    return judged_run(result, target, policy, TODAY, mask=mask).verdict


def test_a_step_is_found_in_a_baseline_by_its_masked_name() -> None:
    assert judged_with_a_secret("failed").outcome is Outcome.TOLERATED


def test_a_fixed_step_is_named_as_in_its_run_which_is_masked_later_as_a_whole() -> None:
    [note] = judged_with_a_secret("passed").warnings
    assert note.text == "fixed since the baseline: step 001 my PIN is 1234"
