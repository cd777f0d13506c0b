"""The list at the end of a log: a line per suite that did not pass, with what to look for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Reason, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.log import ending
from gatekeeper.core.result_file.merging import merge_error
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.wording.styled import plain
from gatekeeper.core.wording.why import outcome_words, why_of
from support.builders import Json, finished, flow, greeting, response, run_of, step, text

LONG = "Your new card is on its way and arrives within five days, "
NOT_BLOCKING = Policy(blocking=False)


def saying(expected: str, actual: str) -> Json:
    """Build a failing response: its step expects one text, and the bot says another."""
    wrong = text(expected, status="failed")
    failed = step("hi", response(expected, text=wrong), status="failed")
    return finished(failed | {"actualOutput": [response(actual, text=wrong)]}, status="failed")


def lost(outcome: Outcome, why: str, run_id: str | None = "ctr-1") -> Run:
    return Run("Suite", run_id, Verdict(outcome, (Reason(outcome, why),)), "st-1")


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (run_of(finished(greeting())), ""),
        (run_of(saying("Hi!", "Hello!")), 'step 1, text: expected "Hi!", actual "Hello!"'),
        (
            run_of(saying(f"{LONG}free of charge.", f"{LONG}for £5.")),
            'step 1, text: expected "…five days, free of charge.", actual "…five days, for £5."',
        ),
        (
            run_of(finished(greeting("failed"), greeting("failed"), status="failed")),
            'step 1 and 1 more, text: expected "Hi!", actual "Hi!"',
        ),
        (
            run_of(finished(greeting("failed"), status="failed"), policy=NOT_BLOCKING),
            "step 1: the suite is not blocking",
        ),
        (lost(Outcome.ERROR, "HTTP 401 no", None), "could not run: HTTP 401 no"),
        (lost(Outcome.ERROR, "HTTP 500"), "could not be judged: HTTP 500"),
        (lost(Outcome.TIMEOUT, "no verdict within 3 s"), "timed out: no verdict within 3 s"),
        (merge_error("shard 2/3", "there is no report", "look"), "there is no report"),
        (replace(lost(Outcome.ERROR, ""), verdict=Verdict(Outcome.ERROR)), "could not be judged"),
    ],
)
def test_a_suite_says_why_it_did_not_pass(run: Run, why: str) -> None:
    assert why_of(run) == why


def test_a_flow_names_the_field_and_a_missing_value() -> None:
    wrong = response("Hi!", flowLevel=flow("Seat", status="failed"))
    silent = step("hi", wrong, status="failed") | {"actualOutput": []}
    why = why_of(run_of(finished(silent, status="failed")))
    assert why == 'step 1, flow nodeId: expected "Seat", but it is missing'


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_are_told_in_one_line(expected: str, actual: str) -> None:
    why = why_of(run_of(saying(expected, actual)))
    assert "\n" not in why
    assert len(why) < 140


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (run_of(finished(greeting())), "passed"),
        (run_of(finished(greeting(), greeting("failed"), status="failed")), "1 of 2 failed"),
        (run_of(finished(greeting(status="x"))), "no verdict"),
        (run_of(finished(greeting("failed"), status="failed"), policy=NOT_BLOCKING), "tolerated"),
        (lost(Outcome.TIMEOUT, "x"), "timed out"),
        (lost(Outcome.ERROR, "x", None), "could not run"),
        (replace(run_of(finished(greeting())), earlier=(lost(Outcome.ERROR, "x"),)), "flaky"),
    ],
)
def test_a_suite_has_a_few_words_for_its_end(run: Run, words: str) -> None:
    assert outcome_words(run) == words


def lines(*runs: Run) -> list[str]:
    gate = Gate(runs, datetime(2026, 5, 4, tzinfo=UTC), 5.0)
    return [plain(line) for line in ending(gate, ["r/report.html"], "r/report.html")]


def test_the_list_fits_on_a_screen_however_many_suites_failed() -> None:
    failed = replace(run_of(saying("x" * 500, "y" * 500)), test_suite="Suite " * 30)
    listed = lines(*[failed] * 200)
    assert len(listed) == 18
    assert max(map(len, listed[:-1])) <= 118
    assert listed[13:] == [
        "… and 188 more: see r/report.html",
        "",
        "next: see r/report.html",
        "reports: r/report.html",
        "FAILED: 200 of 200 suites failed (0 of 200 steps passed), 5 s (exit code 1)",
    ]


def test_suites_that_passed_are_not_listed_and_one_suite_has_no_list() -> None:
    passed, failed = run_of(finished(greeting())), run_of(saying("a", "b"))
    assert lines(passed, passed)[0] == ""
    assert lines(passed, passed)[1].startswith("reports: ")
    assert lines(failed)[:2] == ["", "next: see r/report.html"]


def test_a_gate_with_tolerated_counts_of_steps_alone_says_why() -> None:
    tolerated = Reason(Outcome.TOLERATED, "the suite is not blocking: no step is known")
    verdict = Verdict(Outcome.TOLERATED, (), (tolerated,), steps=Steps(3, 2, tolerated=1))
    assert why_of(Run("Suite", "ctr-1", verdict)) == tolerated.text
