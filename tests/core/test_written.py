"""What stands in a `result.json`: all that is known of a gate, and nothing that cannot be shown."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

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
    told = written(
        pipeline=Pipeline(f"a{BAD}b", f"c{BAD}d", f"e{BAD}f"),
        interrupted_by=15,
        unwritten=(f"g{BAD}h",),
        shard=Shard(2, 3),
    )
    assert told == {
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
    told = written()
    names = ("interrupted_by", "shard", "commit", "pipeline_url", "pipeline_id")
    assert [told[name] for name in names] == [None] * 5
    assert (told["exit_code"], told["unwritten"]) == (3, [])


def test_a_document_is_indented_and_ends_with_a_line_end() -> None:
    text = b"".join(result_json(Gate((), START, 1.0))).decode()
    assert text.startswith('{\n  "schema": 1,\n')
    assert text.endswith("}\n")


def test_a_run_is_written_with_everything_that_is_known_of_it() -> None:
    reason = Reason(ERROR, "no verdict", Check.COUNTERS)
    earlier = Run("A", "ctr-1", Verdict(FAILED, (Reason(FAILED, "no"),)), attempt=1)
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
    [told] = written(run)["runs"]
    [before] = told.pop("earlier")
    assert told == {
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
        "attempt": 2,
    }
    assert (before["test_run_id"], before["attempt"], before["earlier"]) == ("ctr-1", 1, [])
    assert before["reasons"] == ["no"]


def test_what_is_unknown_of_a_run_is_written_as_nothing() -> None:
    for result in (None, Result(), Result(result=Execution())):
        [told] = written(Run("A", None, Verdict(PASSED), result=result))["runs"]
        names = ("test_run_id", "stream_id", "language", "bot_version", "results_url", "started")
        assert [told[name] for name in (*names, "duration")] == [None] * 7
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
    told = one_case(Case(1, FAILED, (reason, Reason(FAILED, "n")), (ODD,)))
    assert told["reasons"] == ["[contradiction] l\nm", "n"]
    assert told["remarks"] == [{"text": "something is odd", "outcome": "passed"}]
    full, plain = told["failures"]
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
    told = one_case(Case(1, FAILED, (reason,)))["failures"][0]
    assert told.get("paths") == (json.loads(json.dumps(paths)) if any(paths) else None)


ANSWER = Response(
    text=f"Hi{BAD}!",
    node_id=["n", 1],
    node_name="Greet",
    intent_id="i-1",
    dialog_name="Welcome",
    transitions=["t"],
    transition_node_names=["a", {"b": 1}, f"c{BAD}d"],
)
TOLD = {
    "text": "Hi\n!",
    "node": "Greet",
    "node_id": '["n", 1]',
    "dialog": "Welcome",
    "intent": "i-1",
    "path": ["a", '{"b": 1}', "c\nd"],
}


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (ANSWER, TOLD),
        (Response(), {}),
        (Response(text="", node_name="", node_id=0, dialog_name=[], intent_id={}), {"text": ""}),
        (Response(text=BAD[:-2]), {"text": " "}),
        (Response(transitions=["t"]), {"path": ["t"]}),
        (Response(transitions="t"), {"path": ["t"]}),
        (Response(transition_node_names=[], transitions=["t"]), {"path": ["t"]}),
    ],
)
def test_a_response_is_written_with_where_it_came_from(response: Response, told: Any) -> None:
    step = Step(input="hi", actual_output=[response])
    assert one_case(Case(1, FAILED), step)["answers"] == [told]


@pytest.mark.parametrize(
    ("case", "answers", "missing"),
    [
        (Case(1, PASSED), None, None),
        (Case(1, PASSED, warnings=(ODD,)), 1, 2),
        (Case(1, FAILED), 1, 2),
        (Case(1, ERROR), 1, 2),
        (Case(1, SKIPPED), 1, None),
    ],
)
def test_responses_are_kept_of_a_step_with_something_against_it(
    case: Case, answers: Any, missing: Any
) -> None:
    due = [Response(text=str(number)) for number in range(3)]
    step = Step(input="hi", actual_output=[Response(text="came")], outputs=due)
    told = one_case(case, step)
    came = None if answers is None else [{"text": "came"}]
    never = None if missing is None else [{"text": "1"}, {"text": "2"}]
    assert (told.get("answers"), told.get("never_came")) == (came, never)
    assert "answers" not in one_case(case, Step(input="hi"))
    assert "said" not in one_case(case)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (Step(input=f"h{BAD}i", event="e", request_id="r"), ("h\ni", "e", "r")),
        (Step(), ("", None, None)),
        (Step(input="", event="", request_id=0), ("", None, None)),
        (Step(input=["a"], event={"b": 1}, request_id=7), ('["a"]', '{"b": 1}', "7")),
        (Step(input="\x1b[1m", event="\x1b[1m"), (" ", " ", None)),
    ],
)
def test_a_step_is_written_with_what_was_said(step: Step, told: Any) -> None:
    for case in (Case(1, PASSED), Case(1, FAILED)):
        saved = one_case(case, step)
        assert (saved["said"], saved.get("event"), saved.get("request_id")) == told
        assert (saved["index"], saved["outcome"]) == (1, case.outcome)
        assert saved["name"].startswith("001")
        assert saved["id"]


@pytest.mark.parametrize(("length", "kept"), [(20_000, True), (20_001, False)])
def test_no_text_is_longer_than_twenty_thousand_characters(length: int, *, kept: bool) -> None:
    text = "x" * length
    told = one_case(Case(1, FAILED, (Reason(FAILED, text),)), Step(input=text))
    for shown in (told["said"], told["reasons"][0], told["failures"][0]["text"]):
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
    assert [(one.test_run_id, one.verdict) for one in read.earlier] == [
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
