"""Which suites of a gate did not pass in an earlier result."""

from collections.abc import Mapping

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


def test_of_many_problems_the_first_few_are_listed() -> None:
    suites = [Target(f"Suite {number}", None, "st-1", "v", "en") for number in range(9)]
    saved = saved_gate(*(saved_run(suite, RED[Outcome.FAILED]) for suite in suites))
    [problem] = failed_suites(saved, [Target("A", None, "st-1", "v", "en")]).problems
    assert problem.endswith('"Suite 4" (en) in stream st-1, version v; and 4 more')
