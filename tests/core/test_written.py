"""What stands in a `result.json`: all that is known of a gate, and nothing that cannot be shown."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from gatekeeper.core.answer.shape import Execution, Response, Result, Step
from gatekeeper.core.model import (
    Case,
    Comparison,
    Gate,
    Mismatch,
    Pipeline,
    Reason,
    Run,
    Shard,
    Steps,
    Verdict,
)
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.result_file.write import result_json

START = datetime(2026, 5, 4, 3, 2, 1, 987654, tzinfo=UTC)
PASSED, FAILED, ERROR, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED
ODD = Reason(PASSED, "something is odd")
# A colour, a line end, and what turns the text round: none of it is to be shown.
BAD = "\x1b[1m\r\u202e"


def written(*runs: Run, **fields: Any) -> Any:
    return json.loads(b"".join(result_json(Gate(runs, START, 16.43219, **fields))))


def one_case(case: Case, step: Step | None = None) -> Any:
    result = None if step is None else Result(result=Execution(execution_results=[step]))
    run = Run("A", None, Verdict(FAILED, cases=(case,)), result=result)
    return written(run)["runs"][0]["cases"][0]


def test_a_gate_is_written_with_its_pipeline_and_its_end() -> None:
    saved = written(
        pipeline=Pipeline(f"a{BAD}b", f"c{BAD}d", f"e{BAD}f"),
        interrupted_by=15,
        unwritten=(f"g{BAD}h",),
        shard=Shard(2, 3),
    )
    assert saved == {
        "schema": 1,
        "verdict": "error",
        "exit_code": 143,
        "started_at": "2026-05-04T03:02:01.987+00:00",
        "duration": 16.432,
        "interrupted_by": 15,
        "shard": {"index": 2, "total": 3},
        "commit": "a\nb",
        "pipeline_url": "c\nd",
        "pipeline_id": "e\nf",
        "unwritten": ["g\nh"],
        "runs": [],
    }


def test_what_is_unknown_of_a_gate_is_written_as_nothing() -> None:
    saved = written()
    names = ("interrupted_by", "shard", "commit", "pipeline_url", "pipeline_id")
    assert [saved[name] for name in names] == [None] * 5
    assert (saved["exit_code"], saved["unwritten"]) == (3, [])


def test_a_document_is_indented_and_ends_with_a_line_end() -> None:
    text = b"".join(result_json(Gate((), START, 1.0))).decode()
    assert text.startswith('{\n  "schema": 1,\n')
    assert text.endswith("}\n")


def test_a_run_is_written_with_everything_that_is_known_of_it() -> None:
    reason = Reason(ERROR, "no verdict", Check.COUNTERS)
    # An attempt has no attempts of its own.
    earliest = (Run("A", "ctr-0", Verdict(FAILED)),)
    failed = Verdict(FAILED, (Reason(FAILED, "no"),))
    earlier = Run("A", "ctr-1", failed, attempt=1, earlier=earliest)
    run = Run(
        f"Book{BAD}ing",
        f"ctr{BAD}-2",
        Verdict(ERROR, (reason,), (ODD,), (), Steps(3, 1, 1, 1), f"look{BAD}here"),
        stream_id=f"st{BAD}-1",
        bot_version=f"publ{BAD}ished",
        language=f"e{BAD}n",
        duration=1.23456,
        results_url=f"https://x{BAD}",
        result=Result(result=Execution(start_time="2026-05-04")),
        attempt=2,
        earlier=(earlier,),
    )
    [saved] = written(run)["runs"]
    [before] = saved.pop("earlier")
    assert saved == {
        "test_suite": "Book\ning",
        "test_run_id": "ctr -2",
        "stream_id": "st -1",
        "language": "e n",
        "bot_version": "publ ished",
        "verdict": "error",
        "flaky": False,
        "steps": {"total": 3, "passed": 1, "failed": 1, "error": 1, "skipped": 0, "tolerated": 0},
        "reasons": ["[counters] no verdict", "next: look\nhere"],
        "warnings": ["something is odd"],
        "next_step": "look\nhere",
        "failures": [{"text": "no verdict", "outcome": "error", "check": "counters"}],
        "remarks": [{"text": "something is odd", "outcome": "passed"}],
        "results_url": "https://x\n",
        "started": "2026-05-04",
        "duration": 1.235,
        "cases": [],
        "answers_left_out": 0,
        "attempt": 2,
    }
    assert (before["test_run_id"], before["attempt"], before["earlier"]) == ("ctr-1", 1, [])
    assert before["reasons"] == ["no"]


def test_what_is_unknown_of_a_run_is_written_as_nothing() -> None:
    for result in (None, Result(), Result(result=Execution())):
        [saved] = written(Run("A", None, Verdict(PASSED), result=result))["runs"]
        names = ("test_run_id", "stream_id", "language", "bot_version", "results_url", "started")
        assert [saved[name] for name in (*names, "duration")] == [None] * 7
    [flaky] = written(Run("A", None, Verdict(PASSED), earlier=(Run("A", "1", Verdict(FAILED)),)))[
        "runs"
    ]
    assert flaky["flaky"] is True


def test_a_failing_assertion_is_written_with_all_that_was_compared() -> None:
    compared = (
        Comparison(f"a{BAD}b", (f"c{BAD}d", "e"), f"f{BAD}g"),
        Comparison("h", ("i",), None),
    )
    mismatch = Mismatch(f"fl{BAD}ow", 2, compared, ((f"j{BAD}k",), ()))
    reason = Reason(FAILED, f"l{BAD}m", Check.CONTRADICTION, mismatch=mismatch)
    saved = one_case(Case(1, FAILED, (reason, Reason(FAILED, "n")), (ODD,)))
    assert saved["reasons"] == ["[contradiction] l\nm", "n"]
    assert saved["remarks"] == [{"text": "something is odd", "outcome": "passed"}]
    full, plain = saved["failures"]
    assert full == {
        "text": "l\nm",
        "outcome": "failed",
        "check": "contradiction",
        "kind": "fl\now",
        "response": 2,
        "comparisons": [
            {"subject": "a\nb", "expected": ["c\nd", "e"], "actual": "f\ng"},
            {"subject": "h", "expected": ["i"], "actual": None},
        ],
        "paths": [["j\nk"], []],
    }
    assert plain == {"text": "n", "outcome": "failed"}


@pytest.mark.parametrize("paths", [((), ("a",)), (("a",), ()), ((), ())])
def test_paths_are_written_where_there_is_any(paths: Any) -> None:
    reason = Reason(FAILED, "x", mismatch=Mismatch("flow", 1, (), paths))
    saved = one_case(Case(1, FAILED, (reason,)))["failures"][0]
    assert saved.get("paths") == (json.loads(json.dumps(paths)) if any(paths) else None)


ANSWER = Response(
    text=f"Hi{BAD}!",
    node_id=["n", 1],
    node_name="Greet",
    intent_id="i-1",
    dialog_name="Welcome",
    transitions=["t"],
    transition_node_names=["a", {"b": 1}, f"c{BAD}d"],
)
SAVED_RESPONSE = {
    "text": "Hi\n!",
    "node": "Greet",
    "node_id": '["n", 1]',
    "dialog": "Welcome",
    "intent": "i-1",
    "path": ["a", '{"b": 1}', "c\nd"],
}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (ANSWER, SAVED_RESPONSE),
        (Response(), {}),
        (Response(text="", node_name="", node_id=0, dialog_name=[], intent_id={}), {"text": ""}),
        (Response(text=BAD[:-2]), {"text": " "}),
        (Response(transitions=["t"]), {"path": ["t"]}),
        (Response(transitions="to"), {"path": ["to"]}),
        (Response(transition_node_names=[], transitions=["t"]), {"path": ["t"]}),
    ],
)
def test_a_response_is_written_with_where_it_came_from(response: Response, expected: Any) -> None:
    step = Step(input="hi", actual_output=[response])
    assert one_case(Case(1, FAILED), step)["answers"] == [expected]


@pytest.mark.parametrize(
    ("case", "answers", "missing"),
    [
        (Case(1, PASSED), 1, None),
        (Case(1, PASSED, warnings=(ODD,)), 1, 2),
        (Case(1, FAILED), 1, 2),
        (Case(1, ERROR), 1, 2),
        (Case(1, SKIPPED), 1, None),
    ],
)
def test_responses_are_kept_and_the_missing_ones_of_a_step_with_something_against_it(
    case: Case, answers: Any, missing: Any
) -> None:
    due = [Response(text=str(number)) for number in range(3)]
    step = Step(input="hi", actual_output=[Response(text="came")], outputs=due)
    saved = one_case(case, step)
    came = None if answers is None else [{"text": "came"}]
    never = None if missing is None else [{"text": "1"}, {"text": "2"}]
    assert (saved.get("answers"), saved.get("never_came")) == (came, never)
    assert "answers" not in one_case(case, Step(input="hi"))
    assert "said" not in one_case(case)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step(input=f"h{BAD}i", event="e", request_id="r"), ("h\ni", "e", "r")),
        (Step(), ("", None, None)),
        (Step(input="", event="", request_id=0), ("", None, None)),
        (Step(input=["a"], event={"b": 1}, request_id=7), ('["a"]', '{"b": 1}', "7")),
        (Step(input="\x1b[1m", event="\x1b[1m"), (" ", " ", None)),
    ],
)
def test_a_step_is_written_with_what_was_said(step: Step, expected: Any) -> None:
    for case in (Case(1, PASSED), Case(1, FAILED)):
        saved = one_case(case, step)
        assert (saved["said"], saved.get("event"), saved.get("request_id")) == expected
        assert (saved["index"], saved["outcome"]) == (1, case.outcome)
        assert saved["name"].startswith("001")
        assert saved["id"]


@pytest.mark.parametrize(("length", "kept"), [(20_000, True), (20_001, False)])
def test_no_text_is_longer_than_twenty_thousand_characters(length: int, *, kept: bool) -> None:
    text = "x" * length
    saved = one_case(Case(1, FAILED, (Reason(FAILED, text),)), Step(input=text))
    for shown in (saved["said"], saved["reasons"][0], saved["failures"][0]["text"]):
        assert (shown == text) is kept
        assert shown[:10_000] == shown[-10_000:] == "x" * 10_000


def test_everything_that_is_written_of_a_gate_is_read_back() -> None:
    mismatch = Mismatch("flow", 2, (Comparison("a", ("b",), None),), (("c",), ("d",)))
    reason = Reason(FAILED, "no", Check.COUNTERS, mismatch=mismatch)
    plain = Reason(FAILED, "e", mismatch=Mismatch("text", 1, ()))
    case = Case(1, FAILED, (reason, plain), (ODD,))
    verdict = Verdict(FAILED, (reason,), (ODD,), (case,), Steps(1, failed=1), "look")
    step = Step(
        input="hi",
        event="e",
        request_id="r",
        actual_output=[Response(text="t", node_id="n", node_name="m", transition_node_names=["p"])],
        outputs=[Response(), Response(text="u", intent_id="i", dialog_name="d")],
    )
    execution = Execution(start_time="2026", file_url="https://x/y", execution_results=[step])
    run = Run(
        "A",
        "ctr-2",
        verdict,
        stream_id="st-1",
        bot_version="published",
        language="en",
        duration=1.5,
        result=Result(result=execution),
        results_url="https://x/y",
        attempt=2,
        earlier=(Run("A", "ctr-1", Verdict(ERROR, (Reason(ERROR, "f"),))),),
    )
    gate = Gate(
        (run,),
        START.replace(microsecond=987000),
        16.4,
        Pipeline("commit", "https://ci", "pipe"),
        interrupted_by=2,
        unwritten=("junit.xml",),
        shard=Shard(1, 2),
    )
    again = gate_of(read_saved(b"".join(result_json(gate))))
    fields = ("started_at", "duration", "pipeline", "interrupted_by", "unwritten", "shard")
    for field in (*fields, "outcome", "exit_code", "misconfigured"):
        assert getattr(again, field) == getattr(gate, field)
    [read] = again.runs
    for field in run.__struct_fields__:
        if field not in ("result", "earlier", "saved_ids"):
            assert getattr(read, field) == getattr(run, field), field
    assert [(attempt.test_run_id, attempt.verdict) for attempt in read.earlier] == [
        ("ctr-1", Verdict(ERROR, (Reason(ERROR, "f"),)))
    ]
    assert read.saved_ids == run.ids
    [shown] = read.steps
    assert (shown.input, shown.event, shown.request_id) == ("hi", "e", "r")
    [came] = shown.actual_output or []
    assert (came.text, came.node_id, came.node_name) == ("t", "n", "m")
    assert came.transition_node_names == ["p"]
    again_came, due = shown.outputs or []
    assert again_came == came
    assert (due.text, due.intent_id, due.dialog_name) == ("u", "i", "d")
    assert read.result
    assert read.result.result
    assert read.result.result.start_time == "2026"


def test_settings_that_were_wrong_are_read_back() -> None:
    gate = Gate((), START, 1.0, misconfigured=True)
    assert gate_of(read_saved(b"".join(result_json(gate)))).misconfigured is True
    assert gate_of(read_saved(b"".join(result_json(Gate((), START, 1.0))))).misconfigured is False


@pytest.mark.parametrize("misconfigured", [True, False])
def test_of_a_gate_with_wrong_settings_no_run_is_read_back_as_that_of_a_suite(
    *, misconfigured: bool
) -> None:
    gate = Gate((Run("A", None, Verdict(ERROR)),), START, 1.0, misconfigured=misconfigured)
    [run] = gate_of(read_saved(b"".join(result_json(gate)))).runs
    assert run.is_suite is (not misconfigured)


def passed(*responses: Response, said: str = "hi") -> tuple[Case, Step]:
    return Case(1, PASSED), Step(input=said, actual_output=list(responses))


def run_of(*pairs: tuple[Case, Step], **fields: Any) -> Run:
    cases = tuple(replace(case, index=at) for at, (case, _) in enumerate(pairs, 1))
    result = Result(result=Execution(execution_results=[step for _, step in pairs]))
    return Run("A", None, Verdict(PASSED, cases=cases), result=result, **fields)


@pytest.mark.parametrize(("length", "kept"), [(4_000, True), (4_001, False)])
def test_the_texts_of_a_step_that_passed_are_cut_at_their_end(length: int, *, kept: bool) -> None:
    text = "x" * length
    response = Response(text, text, text, text, text, transitions=[text])
    [saved] = one_case(*passed(response))["answers"]
    for shown in (*(saved[name] for name in saved if name != "path"), *saved["path"]):
        assert len(shown) == 4_000
        assert shown == (text if kept else f"{'x' * 3_999}…")
    assert len(saved) == 6


def test_at_most_twenty_responses_of_a_step_that_passed_and_nodes_of_a_path_are_kept() -> None:
    response = Response("hi", transitions=["a"] * 21)
    saved = one_case(*passed(*[response] * 21))["answers"]
    assert [len(saved), *{len(each["path"]) for each in saved}] == [20, 20]


def test_a_file_has_at_most_four_million_characters_of_responses_of_steps_that_passed() -> None:
    """And a run says how many of its steps lack theirs."""
    large = [passed(Response("x" * 3_900))] * 600
    small = [passed(Response("x"))] * 3
    [first, second, third] = written(run_of(*large), run_of(*large), run_of(*small))["runs"]
    # Each has a third; what one does not need, the next ones share.
    kept = [sum("answers" in case for case in run["cases"]) for run in (first, second, third)]
    assert kept == [333, 333, 3]
    assert [run["answers_left_out"] for run in (first, second, third)] == [267, 267, 0]
    [first, second] = written(run_of(*small), run_of(*large))["runs"]
    assert sum("answers" in case for case in second["cases"]) == 600
    assert (first["answers_left_out"], second["answers_left_out"]) == (0, 0)


def test_a_step_that_does_not_fit_leaves_the_space_to_smaller_ones_until_ten_did_not_fit() -> None:
    kept, large = (passed(Response("x" * length)) for length in (3_900, 4_000))
    for misfits, fits in ((9, True), (10, False)):
        [run] = written(run_of(*[kept] * 999, *[large] * misfits, kept))["runs"]
        answered = ["answers" in case for case in run["cases"]]
        assert answered == [True] * 999 + [False] * misfits + [fits]
        assert run["answers_left_out"] == misfits + (not fits)


def test_a_step_without_responses_lacks_none_and_failing_steps_keep_theirs() -> None:
    failed = (Case(1, FAILED), Step(input="pay", actual_output=[Response("No.")]))
    silent = (Case(1, PASSED), Step(input="event"))
    [run] = written(run_of(*[passed(Response("x" * 3_900))] * 1_001, silent, failed))["runs"]
    assert run["answers_left_out"] == 1
    *_, last_passed, without, with_reasons = run["cases"]
    assert "answers" not in last_passed
    assert "answers" not in without
    assert with_reasons["answers"] == [{"text": "No."}]


def test_an_attempt_that_does_not_count_keeps_no_responses_of_its_passed_steps() -> None:
    pair = passed(Response("Hi!"))
    [run] = written(run_of(pair, attempt=2, earlier=(run_of(pair),)))["runs"]
    assert run["cases"][0]["answers"] == [{"text": "Hi!"}]
    [earlier] = run["earlier"]
    assert "answers" not in earlier["cases"][0]
    assert earlier["answers_left_out"] == 0


def test_what_was_left_out_is_still_reported_when_a_file_is_written_again() -> None:
    gate = Gate((run_of(*[passed(Response("x" * 5_000))] * 1_001),), START, 1.0)
    first = b"".join(result_json(gate))
    again = b"".join(result_json(gate_of(read_saved(first))))
    assert b'"answers_left_out": 26' in first
    assert again == first
