"""What a gate writes is consistent; what it cannot have written is found to be inconsistent."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.core.model import Gate
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.result_file.consistency import (
    duplicate_run_ids,
    gate_inconsistencies,
    run_inconsistencies,
)
from gatekeeper.core.result_file.schema import SavedRun, read_saved
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.verdict.attempts import with_attempts
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from support.builders import Json, context, finished, greeting, response, run_of, step, text

STEPS = [
    greeting(),
    greeting("failed"),
    greeting("notexecuted"),
    step("?", response("x", text=text("y", status="failed")), status="passed"),
    step("?", response("x", context=context("a", 1, status="perhaps")), status="failed"),
    step("?", response("x"), status=""),
    greeting() | {"status": "odd"},
]
policies = st.builds(
    Policy,
    accept=st.frozensets(st.sampled_from(list(Check))),
    strict_text=st.booleans(),
    min_pass_rate=st.none() | st.sampled_from([0.0, 50.0, 100.0]),
    blocking=st.booleans(),
    known_failures=st.sampled_from([(), (KnownFailure("hello", "BOT-1", date(2030, 1, 1)),)]),
)


@st.composite
def answers(draw: st.DrawFn) -> Json:
    """Draw an answer of any shape whose counters, where there are some, are those of its steps."""
    steps = draw(st.lists(st.sampled_from(STEPS), max_size=5))
    answer = finished(*steps, status=draw(st.sampled_from(["passed", "failed", "odd", ""])))
    result = answer["result"]
    for fields, name in ((result, "executionResults"), (result, "stepDetails")):
        if draw(st.booleans()):
            fields[name] = None
    if draw(st.booleans()):
        answer["totalTestStepsCount"] = None
    return answer


def saved(answer: Json, policy: Policy) -> SavedRun:
    run = run_of(answer, policy=policy)
    start = datetime(2026, 5, 4, tzinfo=UTC)
    [read] = read_saved(b"".join(result_json(Gate((run,), start, 1.0)))).runs
    return read


@settings(deadline=None)
@given(answers(), policies)
def test_everything_that_a_gate_writes_is_consistent(answer: Json, policy: Policy) -> None:
    read = saved(answer, policy)
    if not (read.verdict == "passed" and not read.steps.passed):
        assert list(run_inconsistencies(read)) == []


@pytest.mark.parametrize(
    "outcome", ["passed", "failed", "error", "skipped", "tolerated", "timeout"]
)
@pytest.mark.parametrize("reason", list(Outcome))
def test_a_step_ends_as_its_reasons_do(outcome: str, reason: str) -> None:
    case: dict[str, Any] = {"index": 1, "name": "001 a", "outcome": outcome}
    case |= {"reasons": ["x"], "failures": [{"text": "x", "outcome": reason}]}
    counted = {} if outcome == "timeout" else {outcome: 1}
    run = {"test_suite": "A", "verdict": "error", "cases": [case], "steps": {"total": 1} | counted}
    told = {"schema": 1, "verdict": "error", "started_at": "2026-05-04", "duration": 1}
    [read] = read_saved(json.dumps(told | {"runs": [run]}).encode()).runs
    sound = outcome == reason and outcome not in ("passed", "timeout")
    assert ("the reasons of step 1" not in "".join(run_inconsistencies(read))) is sound


def flaky() -> Any:
    """Return what is written of a suite that failed first, then passed."""
    attempts = []
    for number, status in enumerate(("failed", "passed"), 1):
        answer = finished(greeting(status), greeting(), status=status)
        attempts.append(run_of(answer | {"_id": f"ctr-{number}"}))
    run = with_attempts(attempts, fail_on_flaky=False)
    gate = Gate((run,), datetime(2026, 5, 4, tzinfo=UTC), 1.0)
    return json.loads(b"".join(result_json(gate)))


def whys(document: Any) -> str:
    read = read_saved(json.dumps(document).encode())
    return "\n".join((*gate_inconsistencies(read), *duplicate_run_ids(read)))


def test_attempts_that_a_gate_writes_are_possible() -> None:
    assert whys(flaky()) == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"attempt": -3}, "its attempts are numbered -3, 1"),
        ({"attempt": 3}, "its attempts are numbered 1, 3"),
        ({"earlier": []}, "its attempts are numbered 2"),
        ({"flaky": False}, "its flaky flag does not match its attempts"),
        ({"attempt": 1, "earlier": []}, "its flaky flag does not match its attempts"),
        ({"verdict": "tolerated"}, "its verdict is tolerated, but nothing in it failed"),
        ({"next_step": "call us"}, "its verdict is passed, but it has a next step"),
    ],
)
def test_attempts_that_no_gate_writes_are_inconsistent(changes: Json, why: str) -> None:
    document = flaky()
    document["runs"][0] |= changes
    assert why in whys(document)
    assert all(re.fullmatch("[a-z].*[^.A-Z]", line) for line in whys(document).splitlines())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"verdict": "error"}, "its verdict is error, but its reasons imply another"),
        ({"earlier": flaky()["runs"]}, "one of its attempts has attempts of its own"),
        (
            {
                "verdict": "error",
                "failures": [{"text": "x", "outcome": "error"}],
                "cases": [],
            },
            "its verdict is passed, but an earlier attempt did not fail",
        ),
    ],
)
def test_an_earlier_attempt_that_no_gate_writes_is_inconsistent(changes: Json, why: str) -> None:
    document = flaky()
    document["runs"][0]["earlier"][0] |= changes
    assert why in whys(document)
    assert all(re.fullmatch("[a-z].*[^.A-Z]", line) for line in whys(document).splitlines())


def test_a_red_run_whose_reasons_imply_another_verdict_is_inconsistent() -> None:
    document = flaky()
    failed = document["runs"][0]["earlier"][0]
    document |= {"verdict": "failed", "exit_code": 1, "runs": [failed]}
    assert whys(document) == ""
    failed["cases"] = []
    assert "its verdict is failed, but its reasons imply another" in whys(document)


def test_reasons_without_their_failures_are_inconsistent() -> None:
    document = flaky()
    document["runs"][0]["earlier"][0]["cases"][0]["reasons"] = []
    assert "the reasons of step 1 do not match its outcome" in whys(document)


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_the_first_of_several_steps_is_named_and_the_others_are_counted(wrong: int) -> None:
    cases = [
        {"index": index, "name": f"{index:03d} a", "outcome": "failed"}
        for index in range(1, wrong + 1)
    ]
    run = {"test_suite": "A", "verdict": "passed", "cases": cases, "steps": {"total": wrong}}
    told = {"schema": 1, "verdict": "passed", "started_at": "2026-05-04", "duration": 1}
    [read] = read_saved(json.dumps(told | {"runs": [run]}).encode()).runs
    more = f" (and {wrong - 1} more)" if wrong > 1 else ""
    of_steps = [why for why in run_inconsistencies(read) if re.search(r"\bstep 1\b", why)]
    assert len(of_steps) == 2
    assert all(re.findall(r" \(.*\)$", why) == [more][: wrong - 1] for why in of_steps)
    assert all(re.fullmatch("[a-z].*[^.A-Z]", why) for why in of_steps)


def test_a_gate_that_ran_nothing_cannot_have_failed() -> None:
    document = flaky()
    document |= {"verdict": "failed", "runs": document["runs"][0]["earlier"], "exit_code": 2}
    assert "its exit code reports wrong settings" in whys(document)


def test_a_run_that_stands_twice_is_no_verdict_unless_both_say_so() -> None:
    document = flaky()
    document["runs"] *= 2
    assert whys(document) == "ctr-2"


@pytest.mark.parametrize(
    ("checks", "counted"),
    [
        (("contradiction", "contradiction"), []),
        (("contradiction", "counters"), ["ctr-1"]),
        (("contradiction", None), ["ctr-1"]),
        (("contradiction",), []),
        ((None,), []),
    ],
)
def test_an_id_counts_twice_unless_each_of_its_runs_says_that_it_is_shared(
    checks: tuple[str | None, ...], counted: list[str]
) -> None:
    runs = [
        {
            "test_suite": "A",
            "test_run_id": "ctr-1",
            "verdict": "error",
            "failures": [{"text": "x", "outcome": "error", "check": check}] if check else [],
        }
        for check in checks
    ]
    told = {"schema": 1, "verdict": "error", "started_at": "2026-05-04", "duration": 1}
    assert [*duplicate_run_ids(read_saved(json.dumps(told | {"runs": runs}).encode()))] == counted


def test_a_run_that_no_gate_writes_is_named() -> None:
    document = flaky()
    document["runs"][0]["attempt"] = 3
    assert re.search(r"\bBooking\b", whys(document))


def case(outcome: str, **fields: Any) -> Json:
    """Build a step as a gate writes it, with the reason that its outcome needs."""
    needs = () if outcome == "passed" else (outcome,)
    failures = fields.pop("because", needs)
    return {
        "outcome": outcome,
        "reasons": ["x"] * len(failures),
        "failures": [{"text": "x", "outcome": one} for one in failures],
        **fields,
    }


def reasons_against(*cases: Json, verdict: str = "passed", **fields: Any) -> list[str]:
    """Say what is impossible of a run with these steps, whose counts are theirs by default."""
    numbered = [
        {"index": index, "name": f"{index:03d} a"} | one for index, one in enumerate(cases, 1)
    ]
    outcomes = [one["outcome"] for one in cases]
    steps = {"total": len(cases)} | {one: outcomes.count(one) for one in outcomes}
    run = {"test_suite": "A", "verdict": verdict, "cases": numbered, "steps": steps} | fields
    told = {"schema": 1, "verdict": verdict, "started_at": "2026-05-04", "duration": 1}
    [read] = read_saved(json.dumps(told | {"runs": [run]}).encode()).runs
    return [*run_inconsistencies(read)]


def because(*outcomes: str) -> list[Json]:
    return [{"text": "x", "outcome": one} for one in outcomes]


OK = case("passed")
SKIPPED = case("skipped", because=())
WARNS = {"remarks": because("passed")}
NOTES = {"remarks": because("tolerated")}


@pytest.mark.parametrize(
    ("cases", "fields"),
    [
        ([OK, OK], {}),
        ([OK, SKIPPED], {}),
        ([], {"steps": {"total": 1, "passed": 1}} | WARNS),
        ([OK, case("tolerated")], {"verdict": "tolerated"}),
        ([OK, case("tolerated", because=("tolerated", "failed"))], {"verdict": "tolerated"}),
        ([OK], {"verdict": "tolerated"} | NOTES),
        ([OK], {"verdict": "tolerated", "reasons": ["x"]} | NOTES),
        ([OK, case("failed")], {"verdict": "failed"}),
        ([OK, case("failed", because=("error", "failed"))], {"verdict": "failed"}),
        ([OK, case("skipped")], {"verdict": "error"}),
        ([OK, case("tolerated")], {"verdict": "error", "failures": because("skipped")}),
        ([case("error")], {"verdict": "failed", "failures": because("failed")}),
        ([OK], {"verdict": "timeout", "failures": because("timeout")}),
        ([OK | {"id": "a"}, OK | {"id": "b"}], {}),
    ],
)
def test_a_run_as_a_gate_writes_it_has_nothing_against_it(cases: list[Json], fields: Json) -> None:
    assert reasons_against(*cases, **fields) == []


@pytest.mark.parametrize(
    ("cases", "fields", "whys"),
    [
        ([], {"verdict": "error", "failures": because("error"), "steps": {"total": -1}}, ["negat"]),
        (
            [],
            {"verdict": "error", "failures": because("error"), "steps": {"failed": -1}},
            ["negat"],
        ),
        ([OK], {"steps": {"total": 2, "passed": 2}}, ["counts.* 1 "]),
        ([OK], {"steps": {"total": 1, "passed": 1, "failed": 0, "error": 1}}, ["counts", "judged"]),
        ([], {"steps": {"total": 2, "passed": 1}} | WARNS, [r"\b2\b.*\b1\b"]),
        ([OK, OK | {"name": "001 a"}], {}, [r"\bname\b"]),
        ([OK | {"id": "a"}, OK | {"id": "a"}], {}, [r"\bid\b"]),
        ([OK | {"id": "a"}, OK], {}, [r"\bid\b"]),
        ([OK | {"id": "a"}, OK | {"id": "b"}, OK], {}, [r"\bid\b"]),
        ([OK | {"id": "a"}, OK, OK], {}, [r"\bid\b"]),
        ([SKIPPED], {}, [r"\bnone of its steps passed\b"]),
        ([OK, case("tolerated")], {}, [r"\btolerated\b"]),
        ([OK], {"verdict": "tolerated"}, [r"\bnothing\b"]),
        ([OK, case("failed")], {}, [r"\bfailed\b", r"\bstep 2\b"]),
        ([OK, case("error")], {}, [r"\bjudged\b", r"\bstep 2\b"]),
        ([OK, case("skipped")], {}, [r"\bstep 2\b"]),
        ([OK], {"failures": because("failed")}, [r"\breasons\b"]),
        ([OK], {"failures": because("failed"), "verdict": "tolerated"} | NOTES, [r"\breasons\b"]),
        ([OK], {"reasons": ["x"]}, [r"\breasons\b"]),
        ([OK], {"next_step": "look"}, [r"\bnext step\b"]),
        ([], {"steps": {"total": 1, "passed": 1}}, [r"\blists no steps\b"]),
        ([], WARNS, [r"\bhas no steps\b", r"\bnone of its steps\b"]),
        ([OK, case("failed")], {"verdict": "error"}, [r"\breasons\b"]),
        ([OK, case("skipped")], {"verdict": "failed"}, [r"\breasons\b"]),
        ([OK, case("tolerated")], {"verdict": "failed"}, [r"\breasons\b"]),
        ([OK, case("passed", because=("failed",))], {}, [r"\bstep 2\b"]),
        ([OK, case("tolerated", because=("failed",))], {"verdict": "tolerated"}, [r"\bstep 2\b"]),
        (
            [OK, case("tolerated", because=("tolerated", "error"))],
            {"verdict": "tolerated"},
            [r"\bstep 2\b"],
        ),
        ([OK, case("skipped", because=("error",))], {"verdict": "error"}, [r"\bstep 2\b"]),
    ],
)
def test_each_contradiction_in_a_run_is_found_and_nothing_else(
    cases: list[Json], fields: Json, whys: list[str]
) -> None:
    found = reasons_against(*cases, **fields)
    assert len(found) == len(whys), found
    assert all(re.search(why, text) for why, text in zip(whys, found, strict=True)), found
    # Each stands within a sentence.
    assert all(re.fullmatch("[a-z].*[^.A-Z]", text) for text in found)
