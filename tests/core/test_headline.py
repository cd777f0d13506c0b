"""The headline of every report: suites where there are several, else the steps of the only one."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Partial, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.badge import badge
from gatekeeper.core.reports.findings import appearance
from gatekeeper.core.result_file.merging import merge_error
from gatekeeper.core.wording.verdicts import verdict_line

NOW = datetime(2026, 5, 4, tzinfo=UTC)
STEPS = {
    Outcome.PASSED: Steps(10, 10),
    Outcome.FAILED: Steps(8, 6, 2),
    Outcome.TOLERATED: Steps(5, 4, tolerated=1),
}
COUNTS = "4 of 20 suites failed, 3 without a verdict, 2 tolerated, 11 passed (142 of 152 steps)"
LOST_ONES = "problems with the merged reports"
LOST = merge_error("shard 2/3", "there is no report of this shard", "look")


def suite(outcome: Outcome, **changes: object) -> Run:
    verdict = Verdict(outcome, steps=STEPS.get(outcome, Steps()))
    return replace(Run("Suite", "ctr-1", verdict, "st-1"), **changes)


def gate(runs: Sequence[Run], **changes: object) -> Gate:
    return replace(Gate(tuple(runs), NOW, 16.4), **changes)


PASSED, FAILED, ERROR, TIMEOUT, TOLERATED = (
    suite(outcome)
    for outcome in (
        Outcome.PASSED,
        Outcome.FAILED,
        Outcome.ERROR,
        Outcome.TIMEOUT,
        Outcome.TOLERATED,
    )
)
FLAKY = replace(PASSED, earlier=(FAILED,), attempt=2)
NEVER_RUN = replace(ERROR, test_run_id=None)


@pytest.mark.parametrize(
    ("runs", "not_run", "headline"),
    [
        ([PASSED], 1, "PASSED, PARTIAL: 10 of 10 steps passed; 1 other suite was not run, 16 s"),
        (
            [FAILED, PASSED],
            18,
            (
                "FAILED, PARTIAL: 1 of 2 suites failed, 1 passed (16 of 18 steps); "
                "18 other suites were not run, 16 s"
            ),
        ),
        (
            [TIMEOUT],
            2,
            "TIMEOUT, PARTIAL: the suite timed out; 2 other suites were not run, 16 s",
        ),
    ],
)
def test_a_partial_gate_says_how_many_suites_were_not_run(
    runs: list[Run], not_run: int, headline: str
) -> None:
    partial = gate(runs, partial=Partial(not_run))
    assert verdict_line(partial) == headline
    assert ": partial, " in badge(partial)


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED, Outcome.ERROR])
def test_a_partial_gate_is_never_green(outcome: Outcome) -> None:
    whole, partial = gate([suite(outcome)]), gate([suite(outcome)], partial=Partial(1))
    expected = Outcome.TOLERATED if outcome is Outcome.PASSED else appearance(whole)
    assert appearance(partial) is expected
    assert appearance(replace(partial, unwritten=("x",))).is_green is False


@pytest.mark.parametrize(
    ("runs", "headline"),
    [
        (
            [FAILED] * 4 + [ERROR] * 2 + [TIMEOUT] + [TOLERATED] * 2 + [PASSED] * 11,
            f"FAILED: {COUNTS}",
        ),
        ([PASSED, FLAKY], "PASSED: 2 of 2 suites passed (20 of 20 steps), 1 flaky"),
        (
            [PASSED, ERROR],
            "ERROR, no verdict: 1 of 2 suites without a verdict, 1 passed (10 of 10 steps)",
        ),
        ([FAILED] * 2, "FAILED: 2 of 2 suites failed (12 of 16 steps passed)"),
        ([FAILED], "FAILED: 6 of 8 steps passed, 2 failed"),
        ([TIMEOUT], "TIMEOUT: the suite timed out"),
        ([ERROR], "ERROR, no verdict: the suite could not be judged"),
        ([NEVER_RUN], "ERROR, no verdict: the suite could not run"),
        (
            [PASSED, PASSED, LOST, LOST],
            f"ERROR, no verdict: 2 of 2 suites passed (20 of 20 steps); 2 {LOST_ONES}",
        ),
        (
            [PASSED, LOST],
            "ERROR, no verdict: 10 of 10 steps passed; a problem with the merged reports",
        ),
        ([LOST], "ERROR, no verdict: no suite was judged"),
        ([], "ERROR, no verdict: no suite was judged"),
    ],
)
def test_the_headline_counts_what_a_person_counts(runs: list[Run], headline: str) -> None:
    assert verdict_line(gate(runs)) == f"{headline}, 16 s"


def test_an_interruption_and_a_lost_report_are_in_the_headline() -> None:
    stopped = gate([PASSED, ERROR], interrupted_by=15, unwritten=("x",))
    assert verdict_line(stopped) == (
        "INTERRUPTED: 1 of 2 suites without a verdict, 1 passed (10 of 10 steps), 16 s, "
        "but a report could not be written"
    )


def test_a_gate_that_ran_nothing_has_no_duration() -> None:
    assert verdict_line(gate([PASSED], duration=0.0)) == "PASSED: 10 of 10 steps passed"


@pytest.mark.parametrize(
    ("runs", "value"),
    [
        ([FAILED, PASSED], "1 of 2 suites failed"),
        ([PASSED, PASSED], "2 of 2 suites passed"),
        ([PASSED, TIMEOUT], "1 of 2 suites without a verdict"),
        ([FAILED], "failed 6/8"),
    ],
)
def test_the_badge_counts_as_the_headline_does(runs: list[Run], value: str) -> None:
    assert f"<title>conversations: {value}</title>" in badge(gate(runs))
