"""Of several attempts at a suite one counts, and what the others came to is kept beside it."""

import re
from typing import Any

import pytest

from gatekeeper.core.model import Case, Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.verdict.attempts import with_attempts

PASSED, TOLERATED, FAILED = Outcome.PASSED, Outcome.TOLERATED, Outcome.FAILED
ERROR, TIMEOUT = Outcome.ERROR, Outcome.TIMEOUT
ODD = Reason(PASSED, "something is odd")


def attempt(outcome: Outcome, run_id: str | None = None, **fields: Any) -> Run:
    return Run("Booking", run_id, Verdict(outcome, **fields))


def merged(*outcomes: Outcome, fail_on_flaky: bool = False) -> Run:
    return with_attempts([attempt(one) for one in outcomes], fail_on_flaky=fail_on_flaky)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize(
    ("outcomes", "counting", "outcome"),
    [
        ([PASSED], 1, PASSED),
        ([ERROR], 1, ERROR),
        ([FAILED, PASSED], 2, PASSED),
        ([FAILED, TOLERATED], 2, TOLERATED),
        ([FAILED, FAILED, FAILED], 3, FAILED),
        ([FAILED, ERROR], 1, FAILED),
        ([FAILED, TIMEOUT, ERROR], 1, FAILED),
        ([ERROR, TIMEOUT], 2, TIMEOUT),
    ],
)
def test_the_last_attempt_with_a_verdict_counts_and_else_the_last_of_all(
    outcomes: list[Outcome], counting: int, outcome: Outcome
) -> None:
    run = merged(*outcomes)
    assert (run.attempt, run.verdict.outcome) == (counting, outcome)
    numbers = [number for number in range(1, len(outcomes) + 1) if number != counting]
    assert [one.attempt for one in run.earlier] == numbers
    assert [one.verdict.outcome for one in run.earlier] == [outcomes[one - 1] for one in numbers]


def test_a_single_attempt_has_nothing_added_to_it() -> None:
    single = attempt(FAILED, reasons=(Reason(FAILED, "no"),), warnings=(ODD,), next_step="look")
    assert with_attempts([single], fail_on_flaky=True) == single


@pytest.mark.parametrize("outcome", [PASSED, TOLERATED])
@pytest.mark.parametrize("fail_on_flaky", [True, False])
def test_a_flaky_suite_warns_first_of_all_or_fails_for_that_reason_alone(
    outcome: Outcome, *, fail_on_flaky: bool
) -> None:
    second = attempt(outcome, warnings=(ODD,))
    run = with_attempts([attempt(FAILED), second], fail_on_flaky=fail_on_flaky)
    told = run.verdict.reasons if fail_on_flaky else run.verdict.warnings[:1]
    [flaky] = told
    assert (flaky.outcome, flaky.firm) == (FAILED, True)
    assert {"flaky", outcome.value, "2"} <= {*words(flaky.text)}
    assert run.verdict.outcome is (FAILED if fail_on_flaky else outcome)
    [odd, account] = run.verdict.warnings[not fail_on_flaky :]
    assert (odd, account.outcome) == (ODD, PASSED)


def test_a_failure_before_an_attempt_without_a_verdict_stands_and_says_why() -> None:
    failed = attempt(FAILED, reasons=(Reason(FAILED, "no"),), next_step="look")
    broken = attempt(
        TIMEOUT, reasons=(Reason(TIMEOUT, "x" * 400), Reason(ERROR, "y")), next_step="wait"
    )
    run = with_attempts([failed, attempt(ERROR), broken], fail_on_flaky=True)
    first, second, third = run.verdict.reasons
    assert first == Reason(FAILED, "no")
    for reason, number in ((second, 2), (third, 3)):
        assert (reason.outcome, reason.firm) == (FAILED, True)
        assert [word for word in words(reason.text) if word.isdigit()] == ["1", str(number)]
    assert third.text.count("x") == 299
    assert "y" not in words(third.text)
    assert run.verdict.next_step == "look; for attempt 3: wait"


def test_only_attempts_after_the_one_that_counts_qualify_it() -> None:
    run = merged(ERROR, FAILED, PASSED)
    assert run.verdict.reasons == ()
    assert run.verdict.next_step == ""


@pytest.mark.parametrize("steps", [1, 10, 11, 12])
def test_what_an_attempt_came_to_is_told_with_its_run_and_ten_of_its_steps(steps: int) -> None:
    reason = Reason(FAILED, "no menu")
    cases = [Case(1, PASSED), *(Case(number + 2, FAILED, (reason,)) for number in range(steps))]
    earlier = attempt(
        FAILED,
        "ctr-7",
        reasons=(Reason(FAILED, "a"), Reason(FAILED, "b")),
        cases=tuple(cases),
        steps=Steps(total=steps + 1, passed=1, failed=steps),
    )
    run = with_attempts([earlier, attempt(PASSED)], fail_on_flaky=True)
    head, *told = (warning.text for warning in run.verdict.warnings)
    assert head.startswith("attempt 1 failed: ")
    assert head.endswith("; a; b (run ctr-7)")
    assert all("no menu" in text and "attempt 1, step" in text for text in told[:10])
    numbers = [int(words(text)[3]) for text in told[:10]]
    assert numbers == list(range(2, min(steps, 10) + 2))
    more = [[word for word in words(text) if word.isdigit()] for text in told[10:]]
    assert more == ([["1", str(steps - 10)]] if steps > 10 else [])


def test_an_attempt_without_a_run_is_told_with_its_reasons_and_no_advice() -> None:
    reasons = (Reason(TIMEOUT, "z"), Reason(ERROR, "y"))
    cases = (Case(1, Outcome.SKIPPED),)
    earlier = attempt(ERROR, reasons=reasons, cases=cases, next_step="look")
    run = with_attempts([earlier, attempt(PASSED)], fail_on_flaky=True)
    head, step = (warning.text for warning in run.verdict.warnings)
    assert head.startswith("attempt 1 ended without a verdict")
    assert head.endswith(": z; y")
    assert words(step)[:4] == ["attempt", "1", "step", "001"]
