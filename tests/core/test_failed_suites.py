"""Which suites of a gate did not pass in an earlier result."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.model import Steps
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.failed_suites import failed_suites
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import SavedCase, SavedGate, SavedReason, SavedRun
from gatekeeper.core.verdict.target import Target

GREEN = {
    "verdict": Outcome.PASSED,
    "steps": Steps(1, 1),
    "cases": (SavedCase(index=1, name="001 hello", outcome=Outcome.PASSED),),
}
RED = {
    outcome: {"verdict": outcome, "failures": (SavedReason(text="it did not", outcome=outcome),)}
    for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.TIMEOUT)
}
# Few of each, so that they often agree.
targets = st.builds(
    Target,
    test_suite=st.sampled_from("AB"),
    stream_id=st.sampled_from(["st-1", "st-2"]),
    bot_version=st.sampled_from(["published", "inDevelopment", None]),
    language=st.sampled_from(["en", "de"]),
)
endings = st.sampled_from([GREEN, *RED.values()])


def saved_gate(*runs: SavedRun) -> SavedGate:
    gate = SavedGate(
        schema=1,
        verdict=Outcome.PASSED,
        started_at="2026-05-04T03:02:01Z",
        duration=1.0,
        runs=runs,
    )
    read = gate_of(gate)
    return replace(gate, verdict=read.outcome, exit_code=read.exit_code.value)


def saved_run(target: Target, ending: Mapping[str, object]) -> SavedRun:
    return SavedRun(
        test_suite=target.test_suite,
        stream_id=target.stream_id,
        bot_version=target.bot_version,
        language=target.language,
        **ending,  # type: ignore[arg-type]
    )


def about(run: SavedRun | Target) -> tuple[str | None, ...]:
    return run.test_suite, run.stream_id, run.bot_version, run.language


@given(
    st.lists(targets, min_size=1, max_size=4, unique=True),
    st.lists(st.tuples(targets, endings), max_size=4),
)
def test_no_suite_that_did_not_pass_is_left_out_without_a_problem(
    suites: list[Target], ran: list[tuple[Target, Mapping[str, object]]]
) -> None:
    saved = saved_gate(*(saved_run(target, ending) for target, ending in ran))
    found = failed_suites(saved, suites)
    red = {about(run) for run in saved.runs if not run.verdict.is_green}
    green = {about(run) for run in saved.runs} - red
    assert found.has_failures is bool(red)
    selected = {about(suites[index]) for index in found.indexes}
    assert selected <= red
    if not found.problems:
        assert red == selected
        left_out = [suite for suite in suites if about(suite) not in selected]
        assert all(
            about(suite) in green or f'"{suite.test_suite}" ({suite.language})' in found.unknown
            for suite in left_out
        )


def test_the_result_of_the_gate_itself_has_no_problem() -> None:
    suites = [Target("A", None, "st-1", "published", "en"), Target("B", None, "st-1", "v", "en")]
    saved = saved_gate(saved_run(suites[0], GREEN), saved_run(suites[1], RED[Outcome.TIMEOUT]))
    found = failed_suites(saved, suites)
    assert (found.indexes, found.unknown, found.problems) == ((1,), (), ())


@pytest.mark.parametrize(
    ("count", "end"),
    [
        (5, '"Suite 4" (en) in stream st-1, version v'),
        (6, '"Suite 4" (en) in stream st-1, version v; and 1 more'),
        (9, '"Suite 4" (en) in stream st-1, version v; and 4 more'),
    ],
)
def test_of_many_problems_the_first_five_are_listed_and_the_others_are_counted(
    count: int, end: str
) -> None:
    suites = [Target(f"Suite {number}", None, "st-1", "v", "en") for number in range(count)]
    saved = saved_gate(*(saved_run(suite, RED[Outcome.FAILED]) for suite in suites))
    [problem] = failed_suites(saved, [Target("A", None, "st-1", "v", "en")]).problems
    assert problem.endswith(end)


ASKED = Target("A", None, "st-1", "published", "en")
HERE = "in stream st-1, version published"


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        (
            saved_run(replace(ASKED, stream_id="st-2"), GREEN),
            (
                'it is about another app or version: "A" (en) ran there in stream st-2, version '
                f"published, now {HERE}"
            ),
        ),
        (
            saved_run(replace(ASKED, bot_version=None, stream_id=None), RED[Outcome.ERROR]),
            (
                'it is about another app or version: "A" (en) ran there in stream (unknown), '
                f"version (unknown), now {HERE}"
            ),
        ),
        (
            saved_run(replace(ASKED, test_suite="B", language=None), RED[Outcome.FAILED]),
            f'this gate does not have all suites that did not pass there: "B" {HERE}',
        ),
        (
            replace(saved_run(ASKED, GREEN), next_step="look"),
            "its run of A is inconsistent: its verdict is passed, but it has a next step",
        ),
    ],
)
def test_each_problem_says_what_the_result_is_about(run: SavedRun, problem: str) -> None:
    assert failed_suites(saved_gate(run), [ASKED]).problems == (problem,)


def test_a_result_that_ran_nothing_or_a_run_twice_is_a_problem() -> None:
    red = replace(saved_run(ASKED, RED[Outcome.FAILED]), test_run_id="ctr-1")
    [problem] = failed_suites(saved_gate(red, red), [ASKED]).problems
    assert problem == "run ctr-1 is in it more than once"
    refused = replace(saved_gate(saved_run(ASKED, RED[Outcome.ERROR])), exit_code=2)
    assert failed_suites(refused, [ASKED]).problems == (
        "the settings of that gate were invalid, so it ran no suite",
    )


def test_names_are_compared_as_a_result_has_them() -> None:
    """A result has names without control characters, and versions under any of their names."""
    odd = Target("A\x1b[31m", None, "st-1", "inDevelopment", "e\nn")
    run = saved_run(replace(odd, test_suite="A", language="e n"), RED[Outcome.FAILED])
    found = failed_suites(saved_gate(replace(run, bot_version="configured")), [odd])
    assert (found.indexes, found.problems) == ((0,), ())
