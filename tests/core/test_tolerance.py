"""Policies tolerate what plainly failed, by their rules, and nothing else ever."""

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.baseline import Baseline, BaselineRun, Failures
from gatekeeper.core.verdict.judged_run import judged_run
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.verdict.target import Target
from gatekeeper.core.verdict.tolerance import tolerate
from support.builders import Json, context, finished, greeting, response, run_of, step, text

TODAY = date(2026, 11, 24)


def judged(answer: Json, **policy: Any) -> Verdict:
    result = read_result(json.dumps(answer).encode())
    target = Target("Booking", language="en")
    return judged_run(result, target, Policy(**policy), TODAY).verdict


def failing(passed: int, failed: int) -> Json:
    steps = [*[greeting()] * passed, *[greeting("failed")] * failed]
    return finished(*steps, status="failed")


def known(step: str = "*", until: date = TODAY, reason: str = "BOT-7") -> KnownFailure:
    return KnownFailure(step, reason, until)


def baseline(*failed: str, tolerated: Sequence[str] = (), **target: str | None) -> Baseline:
    fields = {"stream": "st-1", "language": "en", "version": "published"} | target
    failures = Failures(frozenset(failed), frozenset(tolerated))
    return Baseline("old.json", (BaselineRun("Booking", tuple(fields.values()), failures),))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def told(verdict: Verdict) -> str:
    return "\n".join(str(warning) for warning in verdict.warnings)


def test_without_a_policy_a_verdict_stays_what_it_is() -> None:
    for answer in (failing(1, 1), finished(greeting()), finished()):
        assert judged(answer) == judge(read_result(json.dumps(answer).encode()))


def test_a_known_failure_is_tolerated_and_counted() -> None:
    verdict = judged(failing(1, 1), known_failures=(known("002 *"),))
    assert verdict.outcome is Outcome.TOLERATED
    assert (verdict.steps.passed, verdict.steps.failed, verdict.steps.tolerated) == (1, 0, 1)
    assert "known failure until 2026-11-24: BOT-7" in str(verdict.cases[1].reasons[0])
    assert len(verdict.cases[1].reasons) > 1


def test_another_failure_beside_a_known_one_fails_as_ever() -> None:
    verdict = judged(failing(1, 2), known_failures=(known("002 *"),))
    assert verdict.outcome is Outcome.FAILED
    assert (verdict.steps.failed, verdict.steps.tolerated) == (1, 1)


def test_a_known_failure_that_expired_counts_again_and_says_so() -> None:
    expired = known(until=TODAY - timedelta(days=1))
    verdict = judged(failing(1, 1), known_failures=(expired,))
    assert verdict.outcome is Outcome.FAILED
    assert "expired on 2026-11-23: its failures count again" in told(verdict)


def test_a_known_failure_that_holds_until_today_is_no_news() -> None:
    verdict = judged(failing(1, 1), known_failures=(known("002 *", until=TODAY),))
    assert (verdict.outcome, verdict.warnings) == (Outcome.TOLERATED, ())


def test_what_a_policy_has_to_say_is_a_warning_that_asks_for_no_outcome() -> None:
    yesterday = TODAY - timedelta(days=1)
    rules = (known("001 *"), known("002 *", until=yesterday), known("007 *"))
    verdict = judged(failing(1, 1), known_failures=rules, baseline=baseline("x", stream="st-2"))
    better = judged(failing(1, 1), baseline=baseline("hello", "hello (2)"))
    notes = (*verdict.warnings, *better.warnings)
    assert [note.outcome for note in notes] == [Outcome.PASSED] * 5


def test_a_known_failure_that_passes_again_is_told_and_so_is_one_that_fits_nothing() -> None:
    rules = (known("001 *"), known("007 *"))
    verdict = judged(finished(greeting()), known_failures=rules)
    assert verdict.outcome is Outcome.PASSED
    assert "known failure '001 *' (BOT-7) passes again" in told(verdict)
    assert "known failure '007 *' (BOT-7) matches no step" in told(verdict)


def test_against_a_baseline_only_new_failures_fail_and_fixed_ones_are_shown() -> None:
    names = ["hello", "hello (2)", "hello (3)"]
    old = judged(failing(1, 2), baseline=baseline(*names))
    assert old.outcome is Outcome.TOLERATED
    assert "fixed since the baseline: step 001 hello" in told(old)
    assert re.fullmatch("[a-z].*\\bbaseline\\b.*[a-z]", old.cases[1].reasons[0].text)
    new = judged(failing(1, 2), baseline=baseline(*names[:2]))
    assert new.outcome is Outcome.FAILED
    assert (new.steps.failed, new.steps.tolerated) == (1, 1)


@pytest.mark.parametrize(
    "target",
    [
        {"stream": "st-2"},
        {"language": "de"},
        {"version": "inDevelopment"},
        {"stream": None},
        {"language": None},
        {"version": None},
    ],
    ids=str,
)
def test_a_baseline_of_another_target_or_of_an_unknown_one_excuses_nothing(
    target: Any,
) -> None:
    verdict = judged(failing(0, 1), baseline=baseline("hello", **target))
    assert verdict.outcome is Outcome.FAILED
    assert "the baseline old.json is ignored: it has this suite with stream" in told(verdict)


def test_a_baseline_of_another_suite_excuses_nothing() -> None:
    other = Baseline("old.json", (BaselineRun("Refund", (), Failures(frozenset({"hello"}))),))
    verdict = judged(failing(0, 1), baseline=other)
    assert verdict.outcome is Outcome.FAILED
    assert 'it has no run of suite "Booking"' in told(verdict)


@pytest.mark.parametrize("suite", ["Booking", "***"])
def test_a_baseline_applies_to_its_suite_whether_or_not_the_name_is_masked_in_it(
    suite: str,
) -> None:
    failures = Failures(frozenset({"hello"}))
    earlier = BaselineRun(suite, ("st-1", "en", "published"), failures)
    policy = Policy(baseline=Baseline("old.json", (earlier,)))
    run = run_of(failing(0, 1), language="en")
    verdict = tolerate(run, policy, TODAY, partial(re.sub, "Booking", "***"))
    assert verdict.outcome is Outcome.TOLERATED


def test_a_step_whose_failure_was_tolerated_in_the_baseline_is_fixed_too() -> None:
    verdict = judged(finished(greeting()), baseline=baseline(tolerated=["hello"]))
    assert "fixed since the baseline: step 001 hello" in told(verdict)


def test_an_expired_known_failure_is_not_excused_by_a_baseline_that_tolerated_it() -> None:
    expired = known("hello", until=TODAY - timedelta(days=1))
    answer = failing(0, 1)
    tolerated = baseline(tolerated=["hello"])
    assert judged(answer, baseline=tolerated).outcome is Outcome.TOLERATED
    assert judged(answer, baseline=tolerated, known_failures=(expired,)).outcome is Outcome.FAILED
    plain = baseline("hello")
    assert judged(answer, baseline=plain, known_failures=(expired,)).outcome is Outcome.TOLERATED


@pytest.mark.parametrize(
    ("pattern", "fitting"),
    [
        ("yes", {1, 3, 4}),
        ("yes (2)", {3, 5}),
        ("003 yes", {3}),
        ("003 *", {3}),
        ("yes (2) (1)", {5}),
        ("no", {2}),
        ("es", set()),
        ("[ab]", {6}),
        ("[*", {6}),
        ("00[1-6] *", set()),
    ],
)
def test_a_pattern_fits_the_number_the_text_or_the_one_occurrence(
    pattern: str, fitting: set[int]
) -> None:
    bad = [response("No.", text=text("Yes.", status="failed"))]
    said = ("yes", "no", "yes", "yes", "yes (2)", "[ab]")
    steps = [step(one, *bad, status="failed") for one in said]
    verdict = judged(finished(*steps, status="failed"), known_failures=(known(pattern),))
    tolerated = {case.index for case in verdict.cases if case.outcome is Outcome.TOLERATED}
    assert tolerated == fitting


@pytest.mark.parametrize(
    ("passed", "failed", "rate", "outcome"),
    [
        (19, 1, 95, Outcome.TOLERATED),
        (19, 1, 95.1, Outcome.FAILED),
        (0, 1, 0, Outcome.TOLERATED),
        (1, 0, 100, Outcome.PASSED),
    ],
)
def test_a_suite_passes_with_as_many_steps_as_are_asked_for(
    passed: int, failed: int, rate: float, outcome: Outcome
) -> None:
    answer = failing(passed, failed) if failed else finished(greeting())
    verdict = judged(answer, min_pass_rate=rate)
    assert verdict.outcome is outcome
    if outcome is Outcome.FAILED:
        assert "95 % of the steps passed, 95.1 % required" in map(str, verdict.reasons)


def test_a_rate_is_held_against_counters_where_there_is_no_step_detail() -> None:
    answer = failing(9, 1)
    del answer["result"]["executionResults"]
    assert judged(answer, min_pass_rate=90.0).outcome is Outcome.TOLERATED
    assert judged(answer, min_pass_rate=90.0).steps.tolerated == 1
    assert judged(answer, min_pass_rate=91.0).outcome is Outcome.FAILED


def test_a_rate_that_was_not_reached_is_a_failure_that_nothing_takes_back() -> None:
    verdict = judged(failing(19, 1), known_failures=(known("020 *"),), min_pass_rate=95.1)
    assert verdict.outcome is Outcome.FAILED
    assert [(reason.outcome, reason.firm) for reason in verdict.reasons] == [(Outcome.FAILED, True)]


def test_a_rate_says_nothing_of_a_run_without_any_step() -> None:
    verdict = Verdict(Outcome.FAILED, (Reason(Outcome.FAILED, "it failed"),))
    policy = Policy(min_pass_rate=0.0)
    assert tolerate(Run("Booking", None, verdict), policy, TODAY) == verdict


def test_what_a_rate_excuses_is_said_with_both_rates() -> None:
    verdict = judged(failing(0, 2), min_pass_rate=0)
    [reason, *_] = verdict.cases[0].reasons
    assert reason.outcome is Outcome.TOLERATED
    assert re.findall(r"\d+ %", reason.text) == ["0 %", "0 %"]
    assert "required" in words(reason.text)


def test_a_failure_of_the_run_itself_becomes_a_warning_where_the_suite_does_not_block() -> None:
    run = run_of(failing(1, 1))
    verdict = replace(run.verdict, reasons=(Reason(Outcome.FAILED, "all of it"),))
    after = tolerate(replace(run, verdict=verdict), Policy(blocking=False), TODAY)
    assert (after.outcome, after.reasons) == (Outcome.TOLERATED, ())
    [note] = after.warnings
    assert note.outcome is Outcome.TOLERATED
    assert note.text.endswith(": all of it")


def test_an_accepted_gap_does_not_pass_for_steps_that_passed() -> None:
    answer = finished(greeting(), greeting("notexecuted"))
    accept = frozenset({Check.NOT_EXECUTED})
    assert judged(answer, accept=accept).outcome is Outcome.PASSED
    assert judged(answer, accept=accept, min_pass_rate=80.0).outcome is Outcome.FAILED


def test_a_suite_that_does_not_block_is_tolerated_with_all_its_failures() -> None:
    verdict = judged(failing(1, 2), blocking=False)
    assert verdict.outcome is Outcome.TOLERATED
    assert (verdict.steps.failed, verdict.steps.tolerated) == (0, 2)
    assert {case.outcome for case in verdict.cases[1:]} == {Outcome.TOLERATED}
    assert re.fullmatch("[a-z].*\\bblock\\w*", verdict.cases[1].reasons[0].text)


def test_a_step_that_failed_and_could_not_be_judged_stays_failed_where_nothing_blocks() -> None:
    contradictory = greeting("failed") | {"status": "passed"}
    verdict = judged(finished(greeting("failed"), contradictory, status="failed"), blocking=False)
    assert [case.outcome for case in verdict.cases] == [Outcome.TOLERATED, Outcome.FAILED]
    assert (verdict.steps.failed, verdict.steps.tolerated) == (1, 1)


@pytest.mark.parametrize("passed", [1, 2])
def test_a_rate_excuses_no_failure_of_a_run_whose_steps_did_not_fail(passed: int) -> None:
    steps = Steps(total=2, passed=passed)
    verdict = Verdict(Outcome.FAILED, (Reason(Outcome.FAILED, "it failed"),), steps=steps)
    after = tolerate(Run("Booking", None, verdict), Policy(min_pass_rate=50.0), TODAY)
    assert after == verdict


KNOWN = st.sampled_from(["hello", "hello (2)", "?"])
reasons = st.builds(
    Reason,
    outcome=st.sampled_from([Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED]),
    text=st.text(max_size=5),
)
policies = st.builds(
    Policy,
    min_pass_rate=st.none() | st.floats(0, 100),
    blocking=st.booleans(),
    known_failures=st.lists(
        st.builds(
            KnownFailure,
            step=st.sampled_from(["*", "001*", "x"]),
            reason=st.text(max_size=3),
            until=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
        ),
        max_size=3,
    ).map(tuple),
    baseline=st.none() | st.frozensets(KNOWN).map(lambda known: baseline(*known)),
)
STEPS = [
    greeting(),
    greeting("failed"),
    greeting("notexecuted"),
    step("?", response("x", text=text("y", status="failed")), status="passed"),
    step("?", response("x", context=context("a", 1, status="perhaps")), status="failed"),
    step("?", response("x"), status=""),
]


@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4), policies, st.lists(reasons))
def test_no_policy_makes_more_of_a_verdict_than_a_failure_that_passes(
    steps: list[Json], policy: Policy, more: list[Reason]
) -> None:
    """What was an error, was not executed or did not end stays so, whatever is tolerated."""
    run = run_of(finished(*steps, status="failed"))
    verdict = replace(run.verdict, reasons=(*run.verdict.reasons, *more))
    outcomes = {reason.outcome for reason in verdict.reasons}
    outcomes |= {reason.outcome for case in verdict.cases for reason in case.reasons}
    verdict = replace(
        verdict, outcome=min(outcomes, key=lambda one: one.rank, default=run.verdict.outcome)
    )
    after = tolerate(replace(run, verdict=verdict), policy, TODAY)
    if outcomes & {Outcome.ERROR, Outcome.SKIPPED, Outcome.TIMEOUT}:
        assert after.outcome in (Outcome.FAILED, Outcome.ERROR)
    assert after.steps.total == verdict.steps.total
    assert after.steps.passed == verdict.steps.passed
    for before, case in zip(verdict.cases, after.cases, strict=True):
        assert case.outcome in (before.outcome, Outcome.TOLERATED)
        assert case.outcome is before.outcome or before.outcome is Outcome.FAILED


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.TIMEOUT])
@given(policies)
def test_a_run_without_a_verdict_has_none_under_any_policy(
    outcome: Outcome, policy: Policy
) -> None:
    verdict = Verdict(outcome, (Reason(outcome, "unreachable"),))
    assert tolerate(Run("Booking", None, verdict), policy, TODAY).outcome is outcome


def summary(passed: int | None, failed: int | None, total: int | None) -> Json:
    answer = finished(status="failed", totalTestStepsCount=total)
    del answer["result"]["executionResults"]
    answer["result"]["stepDetails"] = {"passed": passed, "failed": failed, "total": total}
    return answer


@pytest.mark.parametrize(
    "answer",
    [
        summary(3, None, 3),
        summary(3, 0, 3),
        summary(2, None, 3),
        summary(None, None, 3),
        summary(2, 1, 4),
    ],
)
@pytest.mark.parametrize("accept", [(), tuple(Check)])
def test_a_rate_excuses_no_failure_that_the_counters_do_not_show(
    answer: Json, accept: tuple[Check, ...]
) -> None:
    verdict = judged(answer, accept=frozenset(accept), min_pass_rate=10.0)
    assert verdict.outcome in (Outcome.FAILED, Outcome.ERROR)
