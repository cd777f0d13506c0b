"""Soundness: from any answer known to have passed, one bad sign leads away from passed.

An answer is drawn whose truth is known by construction; then one sign is put at one of all the
places that can carry it. What does not matter is put everywhere, and changes nothing.
"""

import copy
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from building import Json, assertion, finished, response, step
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.policy import Policy
from gatekeeper.core.result import read_result
from gatekeeper.core.verdict import judge
from gatekeeper.errors import MalformedResult

KINDS = ("flowLevel", "text", "context")
words = st.text(max_size=12)
garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def passing_assertions(draw: st.DrawFn, kind: str) -> Json:
    if draw(st.booleans()):
        return {"enabled": False, "contains": draw(garbage), "status": draw(garbage)}
    states = ["passed"] * draw(st.integers(1, 3))
    if kind == "text":
        states += ["failed"] * draw(st.integers(0, 2))
    items = [{"nodeId": draw(words), "text": draw(words), "status": state} for state in states]
    return assertion(*items, status=draw(st.sampled_from(["passed", "PASSED", "Passed", None])))


@st.composite
def passing_answers(draw: st.DrawFn) -> Json:
    steps = []
    for _ in range(draw(st.integers(1, 3))):
        responses = []
        for _ in range(draw(st.integers(0, 2))):
            kinds = {kind: draw(passing_assertions(kind)) for kind in KINDS}
            responses.append(response(draw(words), **kinds))
        steps.append(step(draw(garbage), *responses))
    answer = finished(*steps)
    answer["status"] = draw(st.sampled_from(["passed", "completed", "PASSED"]))
    return answer


Change = Callable[[], object]


def signs(answer: Json) -> Iterator[tuple[str, Change]]:
    """Yield every bad sign that the answer can be given: where and what it is, and how to do it."""
    result = answer["result"]
    for holder, where in ((answer, "run"), (result, "result")):
        yield from replaced(
            where, holder, "status", "failed", "error", "odd", "running", ["passed"]
        )
        yield f"{where}: no status", partial(holder.pop, "status")
    yield "no result", lambda: answer.update(result=None)
    yield "no steps", lambda: result.update(executionResults=[])
    yield "a step is gone", result["executionResults"].pop
    yield from replaced("result", result, "errorDetails", "boom", {"a": 1}, ["boom"], 0)
    yield from replaced("result", result, "executionResults", "all passed", {})
    for name in ("passed", "failed", "total"):
        counter = result["stepDetails"][name]
        yield from replaced("counters", result["stepDetails"], name, counter + 1, "all", -1)
    total = answer["totalTestStepsCount"]
    yield from replaced("counters", answer, "totalTestStepsCount", total + 1, 0, "all")
    for number, one in enumerate(result["executionResults"]):
        where = f"step {number}"
        states = ("failed", "notexecuted", "error", "odd", "running", ["passed"], 1)
        yield from replaced(where, one, "status", *states)
        yield f"{where}: no status", partial(one.pop, "status")
        for side in ("outputs", "actualOutput"):
            for place, message in enumerate(one[side]):
                for kind, held in message["assertions"].items():
                    if held["enabled"]:
                        yield from signs_of_assertion(f"{where}.{side}[{place}].{kind}", kind, held)


def signs_of_assertion(where: str, kind: str, held: Json) -> Iterator[tuple[str, Change]]:
    states = ("failed", "odd", "error", "running", "notexecuted", ["passed"])
    yield from replaced(where, held, "status", *states)
    yield from replaced(where, held, "enabled", "yes", 1, [])
    yield from replaced(where, held, "contains", "all", {}, 1)
    yield f"{where}: not evaluated", lambda: (held.update(contains=[]), held.pop("status", None))

    def every_item(state: Any) -> None:
        for item in held["contains"]:
            item["status"] = state

    for state in ("failed", "odd"):
        yield f"{where}: every item {state}", partial(every_item, state)
    if kind != "text":
        yield from replaced(f"{where}: an item", held["contains"][0], "status", "failed", "odd", [])


def replaced(where: str, holder: Json, field: str, *values: Any) -> Iterator[tuple[str, Change]]:
    for value in values:
        yield f"{where}.{field} = {value!r}", partial(holder.update, {field: value})


def outcome_of(answer: Json, policy: Policy | None = None) -> Outcome:
    try:
        return judge(read_result(json.dumps(answer).encode()), policy or Policy()).outcome
    except MalformedResult:
        return Outcome.ERROR


@given(passing_answers(), st.data())
@settings(max_examples=400, deadline=None)
def test_one_bad_sign_anywhere_leads_away_from_passed(answer: Json, data: st.DataObject) -> None:
    assert outcome_of(answer) is Outcome.PASSED
    changed = copy.deepcopy(answer)
    sign, change = data.draw(st.sampled_from(list(signs(changed))), label="sign")
    change()
    assert outcome_of(changed) is not Outcome.PASSED, sign


@given(passing_answers())
@settings(max_examples=40, deadline=None)
def test_every_bad_sign_of_an_answer_leads_away_from_passed(answer: Json) -> None:
    for number, (sign, _) in enumerate(signs(answer)):
        changed = copy.deepcopy(answer)
        _, change = list(signs(changed))[number]
        change()
        assert outcome_of(changed) is not Outcome.PASSED, sign


@given(passing_answers(), st.data())
@settings(max_examples=200, deadline=None)
def test_no_acceptance_covers_a_failed_step_or_assertion(answer: Json, data: st.DataObject) -> None:
    failing = [(sign, change) for sign, change in signs(answer) if "failed" in sign]
    failing = [pair for pair in failing if pair[0].startswith("step") and "item" not in pair[0]]
    sign, change = data.draw(st.sampled_from(failing))
    change()
    assert outcome_of(answer, Policy(accept=frozenset(Check))) is Outcome.FAILED, sign


def sprinkled(value: Any, extra: Any) -> Any:
    """Put an unknown field into every object of an answer."""
    if isinstance(value, dict):
        return {"zz": extra, **{key: sprinkled(inner, extra) for key, inner in value.items()}}
    return [sprinkled(inner, extra) for inner in value] if isinstance(value, list) else value


@given(passing_answers(), st.none() | st.integers() | words | st.lists(words, max_size=2))
@settings(max_examples=200, deadline=None)
def test_unknown_fields_and_unneeded_ones_do_not_matter(answer: Json, extra: Any) -> None:
    result = answer["result"]
    details = result.pop("errorDetails")
    changed = sprinkled(answer, extra)
    changed["result"] |= {"errorDetails": details, "duration": extra, "startTime": extra}
    changed |= {"percentageCompleted": extra, "_id": extra, "testSuiteId": extra}
    for one in changed["result"]["executionResults"]:
        one |= {"input": extra, "intents": extra, "requestId": extra, "nlpVersion": extra}
    assert outcome_of(changed) is Outcome.PASSED
