"""Ids of runs that stand more than once in a gate: none of their runs is green."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.model import Run, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.run_ids import mark_shared_ids

ENDS = tuple(outcome for outcome in Outcome if outcome is not Outcome.SKIPPED)


def run(suite: str, run_id: str | None, outcome: Outcome, *earlier: Run, attempt: int = 1) -> Run:
    return Run(suite, run_id, Verdict(outcome), attempt=attempt, earlier=earlier)


single = st.builds(run, st.just("A"), st.sampled_from([None, "1", "2", "3"]), st.sampled_from(ENDS))
attempts = st.lists(single, max_size=2).map(
    lambda runs: [replace(one, attempt=number) for number, one in enumerate(runs, 1)]
)
whole = st.builds(
    lambda one, earlier: replace(one, earlier=tuple(earlier), attempt=len(earlier) + 1),
    single,
    attempts,
)


@given(st.lists(whole, max_size=4))
def test_no_run_whose_id_is_shared_is_green_and_all_else_stays(runs: list[Run]) -> None:
    marked = mark_shared_ids(runs)
    ids = [one.test_run_id for top in runs for one in (top, *top.earlier)]
    for before, after in zip(runs, marked, strict=True):
        pairs = zip((before, *before.earlier), (after, *after.earlier), strict=True)
        for was, now in pairs:
            is_shared = was.test_run_id is not None and ids.count(was.test_run_id) > 1
            failed = was.verdict.outcome is Outcome.FAILED
            assert (now.verdict.outcome is Outcome.FAILED) is failed
            if is_shared and not failed:
                [reason] = now.verdict.reasons
                assert now.verdict.outcome is Outcome.ERROR
                assert reason.outcome is Outcome.ERROR
                assert (reason.check, reason.firm) == (Check.CONTRADICTION, True)
            elif not is_shared:
                assert now.verdict == was.verdict
    assert mark_shared_ids(marked) == marked


def test_each_of_two_suites_names_the_other() -> None:
    first, second = mark_shared_ids(
        [
            run("A", "ctr-1", Outcome.PASSED),
            run("B", "ctr-1", Outcome.PASSED, run("B", "ctr-2", Outcome.FAILED), attempt=2),
        ]
    )
    [reason] = first.verdict.reasons
    once = "a run counts only once in a gate, but ctr-1 is also the id of"
    assert reason.text == f"{once} B, attempt 2"
    [reason] = second.verdict.reasons
    assert reason.text == f"{once} A"
    assert not second.earlier[0].verdict.reasons


def test_each_of_three_suites_names_both_others() -> None:
    marked = mark_shared_ids(run(suite, "ctr-1", Outcome.PASSED) for suite in "ABC")
    texts = [reason.text for one in marked for reason in one.verdict.reasons]
    ends = ("of B and of C", "of A and of C", "of A and of B")
    assert all(text.endswith(end) for text, end in zip(texts, ends, strict=True))


def test_a_failed_attempt_is_left_as_it_is_by_a_later_one_with_its_id() -> None:
    failed = run("A", "ctr-1", Outcome.FAILED)
    [marked] = mark_shared_ids([run("A", "ctr-1", Outcome.PASSED, failed, attempt=2)])
    assert marked.earlier == (failed,)
    assert marked.verdict.outcome is Outcome.ERROR
    assert "is also the id of attempt 1" in marked.verdict.reasons[0].text


def test_a_failure_stays_one_and_says_that_its_id_is_shared() -> None:
    one, other = mark_shared_ids(
        [run("A", "ctr-1", Outcome.FAILED), run("B", "ctr-1", Outcome.TIMEOUT)]
    )
    assert (one.verdict.outcome, other.verdict.outcome) == (Outcome.FAILED, Outcome.ERROR)
    assert "is also the id of B" in one.verdict.reasons[0].text
