"""`result.json` read back: the gate again, as far as the file tells of it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import (
    Gate,
    Mismatch,
    Partial,
    Pipeline,
    Reason,
    Run,
    Shard,
    Steps,
    Verdict,
)
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.annotations import annotations_of
from gatekeeper.core.reports.badge import badge
from gatekeeper.core.reports.earlier import NOTHING_EARLIER
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.log import ending, runs
from gatekeeper.core.reports.page.document import page
from gatekeeper.core.reports.page.limits import extent
from gatekeeper.core.reports.page.steps import Turn, stretches
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import read_saved, verdict_in
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.text import printable
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.wording.differences import differences_of
from gatekeeper.core.wording.styled import plain
from gatekeeper.errors import MalformedResult
from support import builders
from support.builders import Json, context, finished, flow, greeting, response, step, text

TESTS = Path(__file__).parents[1]
ANSWERS = sorted(
    (*TESTS.glob("golden/*.answer.json"), *TESTS.glob("corpus/[!m]*/*.json")),
    key=lambda path: path.name,
)
START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
REPORTS: dict[str, Callable[[Gate], str]] = {
    "junit": lambda gate: "".join(junit(gate)),
    "summary": lambda gate: summary(gate, COMMENT_BYTES, "report.html"),
    "console": lambda gate: "\n".join(
        plain(line)
        for line in (*runs(gate, "report.html"), *ending(gate, ["junit.xml"], "report.html"))
    ),
    "badge": badge,
    "annotations": lambda gate: repr(list(annotations_of(gate, None, 10))),
    "result.json": lambda gate: b"".join(result_json(gate)).decode(),
}


def run_of(answer: Json | bytes, suite: str = "Booking", **fields: Any) -> Run:
    return replace(builders.run_of(answer, suite, language="en"), **fields)


def gate(*some: Run, **fields: Any) -> Gate:
    return Gate(some, START, 16.4, Pipeline("0123abc", "https://ci.example/jobs/1"), **fields)


def read_back(one: Gate) -> Gate:
    return gate_of(read_saved(b"".join(result_json(one))))


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from (name, *texts(one))
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda path: path.stem)
def test_a_gate_read_back_ends_as_it_did_and_draws_the_same_reports(answer: Path) -> None:
    one = gate(run_of(answer.read_bytes()))
    again = read_back(one)
    assert (again.outcome, again.exit_code, again.steps) == (one.outcome, one.exit_code, one.steps)
    if sound(answer):
        verdict = one.runs[0].verdict
        assert again.runs[0].verdict == replace(verdict, **unfirm(verdict))
        for name, drawn in REPORTS.items():
            assert drawn(again) == drawn(one), name


def sound(answer: Path) -> bool:
    """Whether all texts of an answer can be shown as they are."""
    try:
        told = texts(json.loads(answer.read_bytes().decode("utf-8-sig")))
    except ValueError:
        return False
    return all(printable(one) == one for one in told)


def unfirm(verdict: Verdict) -> dict[str, Any]:
    """Return what of a verdict is read back without telling which reasons are firm."""

    def of(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        return tuple(replace(reason, firm=False) for reason in reasons)

    cases = tuple(
        replace(case, reasons=of(case.reasons), warnings=of(case.warnings))
        for case in verdict.cases
    )
    return {"reasons": of(verdict.reasons), "warnings": of(verdict.warnings), "cases": cases}


words = st.text(max_size=30)
states = st.sampled_from(["passed", "failed", "notexecuted", "odd", ""])
inputs = st.none() | words | st.integers() | st.lists(words, max_size=2)


@st.composite
def turns(draw: st.DrawFn, said: st.SearchStrategy[str]) -> Json:
    """Draw a step: any input, and responses of which assertions may have failed."""
    came = [
        response(
            draw(said),
            text=text(draw(said), draw(said), status=draw(states)),
            flowLevel=flow(draw(said), status=draw(states)),
            context=context(draw(said), draw(said), status=draw(states)),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    due = came + [response(draw(said))] * draw(st.integers(0, 1))
    fields = {"outputs": due, "requestId": draw(st.none() | said), "event": draw(st.none() | said)}
    given_input = draw(inputs if said is words else st.none() | said)
    return step(given_input, *came, status=draw(states), **fields)


showable = words.map(printable)


@settings(deadline=None)
@given(st.lists(turns(showable), max_size=4), states, showable, st.booleans())
def test_whatever_can_be_shown_is_drawn_the_same_when_it_was_read_back(
    steps: list[Json], state: str, suite: str, interrupted: bool
) -> None:
    one = gate(
        run_of(finished(*steps, status=state), suite),
        run_of(finished(greeting())),
        interrupted_by=15 if interrupted else None,
        unwritten=("report.html could not be written",),
    )
    again = read_back(one)
    assert (again.outcome, again.exit_code, again.steps) == (one.outcome, one.exit_code, one.steps)
    for name, drawn in REPORTS.items():
        assert drawn(again) == drawn(one), name


@settings(deadline=None)
@given(st.lists(turns(words), max_size=3), states, words)
def test_whatever_else_is_said_the_end_is_the_same_and_reading_it_again_changes_nothing(
    steps: list[Json], state: str, suite: str
) -> None:
    one = gate(run_of(finished(*steps, status=state), suite))
    again = read_back(one)
    assert (again.outcome, again.exit_code, again.steps) == (one.outcome, one.exit_code, one.steps)
    outcomes = [[case.outcome for case in run.verdict.cases] for run in one.runs]
    assert [[case.outcome for case in run.verdict.cases] for run in again.runs] == outcomes
    assert "".join(page(again))
    assert read_back(again).runs == again.runs


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda path: path.stem)
def test_the_page_shows_a_step_with_something_against_it_as_it_did(answer: Path) -> None:
    """But for raw JSON, and for particulars such as intents."""
    if not sound(answer):
        return
    one = gate(run_of(answer.read_bytes()))
    for before, after in zip(shown(one), shown(read_back(one)), strict=True):
        assert (before.user_input, before.is_event) == (after.user_input, after.is_event)
        if before.reasons or before.warnings:
            bare = replace(before, raw=None, is_raw_left_out=False, facts=after.facts)
            assert after == bare
            assert {*after.facts} <= {*before.facts}


def shown(one: Gate) -> list[Turn]:
    """Return the steps of a gate's one run as the page shows them."""
    drawn = stretches(1, one.runs[0], extent(one), NOTHING_EARLIER, differences_of(one))
    return [turn for stretch in drawn for turn in stretch.turns]


def test_the_page_has_what_failed_and_what_passed() -> None:
    failing = step("pay", response("No.", text=text("Yes.", status="failed")), status="failed")
    passed = step("hello", response("Good day to you"))
    again = read_back(gate(run_of(finished(passed, failing, status="failed"))))
    drawn = "".join(page(again))
    for text_of_step in ("pay", "Yes.", "No.", "hello", "ctr-1-0", "Welcome", "Good day to you"):
        assert text_of_step in drawn


def test_long_texts_are_cut_and_their_ends_kept() -> None:
    long = f"begin {'x' * 100_000} end"
    failing = step(long, response(long, text=text("Yes.", status="failed")), status="failed")
    one = gate(run_of(finished(failing, status="failed")))
    written = b"".join(result_json(one))
    assert len(written) < 100_000
    [case] = read_back(one).runs[0].verdict.cases
    assert case.reasons[0].mismatch is not None
    actual = case.reasons[0].mismatch.comparisons[0].actual or ""
    assert actual.startswith("begin ")
    assert actual.endswith(" end")
    assert "characters left out" in actual


def test_tries_and_shard_are_read_back() -> None:
    bad, good = (run_of(finished(greeting(status=how), status=how)) for how in ("failed", "passed"))
    one = gate(replace(good, earlier=(bad, bad)), shard=Shard(2, 3))
    document = json.loads(b"".join(result_json(one)))
    assert document["shard"] == {"index": 2, "total": 3}
    assert document["runs"][0]["flaky"] is True
    assert [tried["verdict"] for tried in document["runs"][0]["earlier"]] == ["failed", "failed"]
    again = read_back(one)
    assert again.shard == Shard(2, 3)
    assert again.runs[0].is_flaky
    assert [tried.verdict.outcome for tried in again.runs[0].earlier] == [Outcome.FAILED] * 2


def test_warnings_and_advice_are_read_back() -> None:
    answer = finished(greeting(), totalTestStepsCount=9)
    verdict = judge(read_result(json.dumps(answer).encode()))
    warned = replace(verdict, next_step="look at the run", warnings=verdict.reasons)
    again = read_back(gate(run_of(answer, verdict=warned)))
    assert again.runs[0].verdict.next_step == "look at the run"
    assert [str(one) for one in again.runs[0].verdict.warnings] == [
        str(one) for one in verdict.reasons
    ]


def document(**fields: Any) -> Json:
    drawn = json.loads(b"".join(result_json(gate(run_of(finished(greeting()))))))
    return {**drawn, **fields}


def test_a_partial_gate_is_read_back_as_one() -> None:
    partial = replace(gate(run_of(finished(greeting()))), partial=Partial(1))
    assert read_back(partial).partial == Partial(1)
    assert read_back(replace(partial, partial=None)).partial is None


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (document(), "passed"),
        (document(verdict="failed", schema=9, runs=[{"any": 1}]), "failed"),
        (document(verdict="completed"), None),
        ({"status": "passed"}, None),
        ([document()], None),
    ],
)
def test_a_result_json_of_any_schema_is_recognised(body: Any, verdict: str | None) -> None:
    assert verdict_in(json.dumps(body).encode()) == verdict
    assert verdict_in(json.dumps(body).encode()[:-9]) is None


UNSUPPORTED = "schema 2 is not supported, only 1: use the version of gatekeeper that wrote the file"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not a valid result.json"),
        (b"[]", "not a valid result.json"),
        (json.dumps(document(schema=2)).encode(), UNSUPPORTED),
        (json.dumps(document(verdict="green")).encode(), "not a valid result.json"),
        (json.dumps(document(started_at="noon")).encode(), "not a valid result.json"),
        (json.dumps(document(shard={"index": 4, "total": 3})).encode(), "shard 4/3"),
        (json.dumps(document(partial={"not_run": 0})).encode(), "invalid number of suites"),
        (json.dumps(document(runs=[{"test_suite": "A", "verdict": "skipped"}])).encode(), "A"),
        (json.dumps(document()).encode()[:-20], "not a valid result.json"),
        (b'{"schema": 1, "runs": ' + b"[" * 100_000, "not a valid result.json"),
    ],
    ids=str,
)
def test_what_is_no_result_json_is_refused_with_words(body: bytes, why: str) -> None:
    with pytest.raises(MalformedResult) as error:
        read_saved(body)
    assert why in error.value.what


def test_a_file_cut_anywhere_is_refused() -> None:
    body = json.dumps(document()).encode()
    for at in range(len(body)):
        with pytest.raises(MalformedResult):
            read_saved(body[:at])


def test_a_comparison_without_a_response_is_of_none() -> None:
    incomplete = document()
    incomplete["runs"][0]["failures"] = [{"text": "no", "outcome": "failed", "kind": "text"}]
    [reason] = gate_of(read_saved(json.dumps(incomplete).encode())).runs[0].verdict.reasons
    assert reason == Reason(Outcome.FAILED, "no", mismatch=Mismatch("text", 0, ()))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"shard": {"index": 1, "total": 1}}, ""),
        ({"shard": {"index": 256, "total": 256}}, ""),
        ({"shard": {"index": 1, "total": 257}}, "invalid shard 1/257"),
        ({"shard": {"index": 0, "total": 1}}, "invalid shard 0/1"),
        ({"shard": {"index": 2, "total": 1}}, "invalid shard 2/1"),
        ({"interrupted_by": 2}, ""),
        ({"interrupted_by": 15}, ""),
        ({"interrupted_by": 9}, "invalid signal 9"),
        (
            {"runs": [{"test_suite": "A\nB", "verdict": "skipped"}]},
            "run of A B: invalid verdict: skipped",
        ),
        (
            {
                "runs": [
                    {
                        "test_suite": "A\nB",
                        "verdict": "passed",
                        "cases": [{"index": 2, "name": "a", "outcome": "passed"}],
                    }
                ]
            },
            "run of A B: the cases are misnumbered",
        ),
    ],
)
def test_values_that_no_gate_has_are_refused_by_their_name(fields: Json, why: str) -> None:
    body = json.dumps(document(**fields)).encode()
    if not why:
        read_saved(body)
        return
    with pytest.raises(MalformedResult) as error:
        read_saved(body)
    assert error.value.what == f"not a valid result.json: {why}"


def test_without_the_input_of_any_step_no_steps_are_read_back() -> None:
    unknown = document()
    del unknown["runs"][0]["cases"][0]["said"]
    assert gate_of(read_saved(json.dumps(unknown).encode())).runs[0].steps == ()


def test_misnumbered_cases_are_refused() -> None:
    wrong = document()
    wrong["runs"][0]["cases"][0]["index"] = 2
    with pytest.raises(MalformedResult, match="misnumbered"):
        read_saved(json.dumps(wrong).encode())


def test_a_link_that_cannot_be_followed_safely_is_not_read_back() -> None:
    hostile = document()
    hostile["runs"][0]["results_url"] = "javascript:alert(1)"
    assert gate_of(read_saved(json.dumps(hostile).encode())).runs[0].results_url is None


def test_what_is_written_grows_with_the_steps_alone() -> None:
    def size(count: int) -> int:
        one = gate(run_of(finished(*[greeting()] * count)))
        assert read_back(one).steps == Steps(count, count)
        return len(b"".join(result_json(one)))

    assert size(20_000) < 21 * size(1_000)
