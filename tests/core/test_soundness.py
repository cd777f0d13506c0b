"""Soundness: from any answer known to have passed, one bad sign leads away from passed.

An answer is drawn whose truth is known by construction; then one sign is put at one of all the
places that can carry it. What does not matter is put everywhere, and changes nothing.

Thousands of cases are tried; several hundred thousand where `GATEKEEPER_SOUNDNESS` is `nightly`.
"""

import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.answer.soundness import DEPTH
from gatekeeper.core.answer.states import State, state_of
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.verdict.target import NOT_OBSERVED, Observed, Target
from gatekeeper.errors import MalformedResult
from support.builders import Json, assertion, finished, greeting, response, step

NIGHTLY = os.environ.get("GATEKEEPER_SOUNDNESS") == "nightly"
MUTATION = settings.get_current_profile_name() == "mutation"
TIMES = 15 if NIGHTLY else 0.03 if MUTATION else 1
# How many cases were held to the truth, by what was done to them.
CASES: Counter[str] = Counter()

TARGET = Target("Booking", test_run_id="ctr-1", stream_id="st-1", bot_version="published")
KINDS = ("flowLevel", "text", "context")
SIDES = ("outputs", "actualOutput")
# Stands before a name that is to be in an object a second time.
TWICE = "TWICE:"

words = st.text(max_size=12)
garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
passed_words = st.sampled_from(["passed", "PASSED", "Passed", "pas-sed"])


def examples(count: int) -> settings:
    """Try so many answers; the same ones in every run, but for a nightly one."""
    return settings(
        max_examples=max(1, int(count * TIMES)),
        deadline=None,
        derandomize=not NIGHTLY,
        # An answer is drawn slowly because it is large.
        suppress_health_check=[HealthCheck.too_slow],
    )


@st.composite
def passing_assertions(draw: st.DrawFn, kind: str) -> Json:
    if draw(st.integers(0, 2)) == 0:
        return {"enabled": False, "contains": draw(garbage), "status": draw(garbage)}
    states: list[str] = draw(st.lists(passed_words, min_size=1, max_size=3))
    if kind == "text":
        states += ["failed"] * draw(st.integers(0, 2))
    items = [{"nodeId": draw(words), "text": draw(words), "status": state} for state in states]
    return assertion(*items, status=draw(st.none() | passed_words))


passing_of_an_unknown_kind: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        {},
        [],
        {"enabled": False, "status": "failed", "rules": ["failed"]},
        {"isEnabled": False, "result": "failed"},
        {"isEnabled": True, "result": "passed", "expected": "failed"},
        {"enabled": True, "status": "passed", "contains": [{"text": "failed", "Status": "Passed"}]},
        [{"rule": "tone", "passed": True}],
        {"passed": 2, "failed": 0, "rules": {"tone": "passed"}},
    ]
)


@st.composite
def passing_answers(draw: st.DrawFn) -> Json:
    steps = []
    for _ in range(draw(st.integers(1, 3))):
        responses = []
        for _ in range(draw(st.integers(0, 2))):
            kinds: Json = {kind: draw(passing_assertions(kind)) for kind in KINDS}
            kinds["sentiment"] = draw(passing_of_an_unknown_kind)
            responses.append(response(draw(words), **kinds))
        steps.append(step(draw(garbage), *responses))
    answer = finished(*steps)
    answer["status"] = draw(passed_words | st.just("completed"))
    answer["result"]["status"] = draw(passed_words | st.just("completed"))
    answer["result"]["version"] = draw(st.sampled_from(["published", "Published", "PUBLISHED"]))
    return answer


@st.composite
def passing_summaries(draw: st.DrawFn) -> Json:
    """Draw an answer without step details, which rests on its states and counters."""
    answer = draw(passing_answers())
    if draw(st.booleans()):
        del answer["result"]["executionResults"]
    else:
        answer["result"]["executionResults"] = None
    return answer


Path = tuple[str | int, ...]


class Sign(NamedTuple):
    """A bad sign: the place of what it changes, its kind, what it is, and how to put it there."""

    path: Path
    kind: str
    what: str
    change: Callable[[Any], object]


STATES = ("failed", "Failure", "error", "aborted", "canceled", "timed-out", "odd", "", " ")
UNFINISHED = ("running", "inprogress", "IN_PROGRESS", "notexecuted", "skipped")
NO_TEXT: tuple[Any, ...] = (0, 1, True, math.inf, ["passed"], {"status": "passed"})
NO_OBJECT: tuple[Any, ...] = ("passed", 1, True, [], [{"status": "passed"}])
NO_LIST: tuple[Any, ...] = ("passed", 1, True, {}, {"0": {"status": "passed"}})
NO_NUMBER: tuple[Any, ...] = ("1", "all", True, [1], {"value": 1})
NOT_EVALUATED: tuple[Any, ...] = (None, [], [{}], ["passed"], [{"text": "passed"}])
ERRORS: tuple[Any, ...] = (
    "boom",
    ["boom"],
    [{"msg": "boom", "code": 4002}],
    {"a": None},
    0,
    1,
    False,
    True,
)


def signs(answer: Json) -> Iterator[Sign]:
    """Yield every bad sign that can be put into the answer."""
    yield from signs_of_run(answer)
    steps = answer["result"].get("executionResults")
    if steps is None:
        yield from signs_of_summary(answer)
    else:
        yield from signs_of_steps(answer, steps)
    yield from repeated(answer)


def put(path: Path, kind: str, where: str | int, *values: Any) -> Iterator[Sign]:
    """Put each of these values there."""
    for value in values:
        yield Sign(path, kind, f"{where} = {value!r}", partial(changed, where, value))


def changed(where: str | int, value: Any, held: Any) -> None:
    held[where] = value


def gone(path: Path, kind: str, where: str | int) -> Iterator[Sign]:
    """Take away what is there."""
    yield Sign(path, kind, f"{where} is gone", partial(without, where))


def without(where: str | int, held: Any) -> None:
    del held[where]


def updated(fields: Json, held: Json) -> None:
    held.update(fields)


def appended(more: Any, held: list[Any]) -> None:
    held.append(more)


def signs_of_run(answer: Json) -> Iterator[Sign]:
    places: tuple[Path, ...] = ((), ("result",))
    for path in places:
        yield from put(path, "state", "status", *STATES, *UNFINISHED, None)
        yield from put(path, "malformed", "status", *NO_TEXT)
        yield from gone(path, "state", "status")
    yield from put((), "missing", "result", None)
    yield from gone((), "missing", "result")
    yield from put((), "malformed", "result", *NO_OBJECT)
    yield from put((), "errors", "errors", *ERRORS)
    yield from put(("result",), "errors", "errorDetails", *ERRORS)
    yield from put(("result",), "malformed", "stepDetails", *NO_OBJECT)
    yield from put(("result",), "malformed", "executionResults", *NO_LIST)
    yield from put((), "identity", "_id", "ctr-2", "", 7, ["ctr-1"], {"id": "ctr-1"})
    yield from put((), "identity", "streamId", "st-2", "", 7, ["st-1"], {"id": "st-1"})
    other = ("configured", "inDevelopment", "v2", "Published!", 7, True, ["published"], {"a": 1})
    yield from put(("result",), "identity", "version", *other)
    yield from put(("result",), "missing", "version", None, "", " ")
    yield from gone(("result",), "missing", "version")
    yield from put((), "percentage", "percentageCompleted", 0, 40, 99.5, -1)
    for path in (*places, ("result", "stepDetails")):
        yield from put(path, "malformed", "new", nested(DEPTH))
    details = ("result", "stepDetails")
    for name in ("skipped", "Failed", "error", "aborted", "notExecuted"):
        yield from put(details, "counter", name, 1, 2.0)
    for path, name, told in (
        (details, "passed", answer["result"]["stepDetails"]["passed"]),
        (details, "failed", 0),
        (details, "total", answer["result"]["stepDetails"]["total"]),
        ((), "totalTestStepsCount", answer["totalTestStepsCount"]),
    ):
        off = [told + 1, told - 1, told + 0.5, -5, 10**20, math.nan, math.inf]
        kind = "failed counter" if name == "failed" else "counter"
        yield from put(path, kind, name, *off)
        yield from put(path, "malformed", name, *NO_NUMBER)


def nested(levels: int) -> Any:
    value: Any = "deep"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def signs_of_summary(answer: Json) -> Iterator[Sign]:
    details = ("result", "stepDetails")
    yield from gone(("result",), "missing", "stepDetails")
    yield from put(("result",), "missing", "stepDetails", None)
    yield from gone(details, "missing", "passed")
    nothing = {"passed": 0, "failed": 0, "total": 0}
    empty = answer | {
        "totalTestStepsCount": 0,
        "result": answer["result"] | {"stepDetails": nothing},
    }
    yield Sign((), "empty", "no step at all", partial(updated, empty))


def signs_of_steps(answer: Json, steps: list[Json]) -> Iterator[Sign]:
    path = ("result", "executionResults")
    yield from put(("result",), "empty", "executionResults", [])
    failing = greeting(status="failed")
    nothing = {"executionResults": [], "stepDetails": {"passed": 0, "failed": 0, "total": 0}}
    empty = {"totalTestStepsCount": 0, "result": answer["result"] | nothing}
    yield Sign((), "empty", "no step at all", partial(updated, empty))
    skipped = [one | {"status": "notexecuted"} for one in steps]
    unpassed: Json = {
        "executionResults": skipped,
        "stepDetails": {"passed": 0, "total": len(steps)},
    }
    none = {"status": "completed", "result": answer["result"] | {"status": None} | unpassed}
    yield Sign((), "empty", "no step that passed", partial(updated, none))
    yield Sign(path, "failed", "one failed step more", partial(appended, failing))
    for number, one in enumerate(steps):
        yield from gone(path, "counter", number)
        yield from put(path, "malformed", number, None, *NO_OBJECT)
        yield Sign(path, "counter", f"{number} is there twice", partial(appended, one))
        yield from signs_of_step((*path, number), one)


def signs_of_step(path: Path, one: Json) -> Iterator[Sign]:
    yield from put(path, "failed", "status", "failed", "Failure", "FAIL")
    yield from put(path, "state", "status", *STATES[2:], *UNFINISHED, None)
    yield from put(path, "malformed", "status", *NO_TEXT)
    yield from gone(path, "state", "status")
    if one["outputs"]:
        yield from put(path, "response", "actualOutput", None, [])
        yield from gone(path, "response", "actualOutput")
        if enabled(one["outputs"][-1]):
            yield from gone((*path, "actualOutput"), "response", len(one["actualOutput"]) - 1)
    for side in SIDES:
        yield from put(path, "malformed", side, *NO_LIST)
        for place, message in enumerate(one[side]):
            there = (*path, side)
            yield from put(there, "malformed", place, None, *NO_OBJECT)
            yield from put((*there, place), "malformed", "assertions", *NO_OBJECT)
            yield from put((*there, place), "failed", "status", "failed", "Failure")
            others = (*STATES[2:6], "odd", *UNFINISHED, *NO_TEXT)
            yield from put((*there, place), "state", "status", *others)
            yield from signs_of_an_unknown_kind((*there, place, "assertions"))
            for kind in enabled(message):
                held = message["assertions"][kind]
                yield from signs_of_assertion((*there, place, "assertions"), kind, held)


def enabled(message: Json) -> list[str]:
    """Return the kinds of assertion that count."""
    return [kind for kind in KINDS if message["assertions"][kind]["enabled"]]


# What an assertion of a kind yet unknown can be like, around something that says failed.
SHAPES: tuple[Callable[[Any], Any], ...] = (
    lambda bad: bad,
    lambda bad: [bad],
    lambda bad: [{"status": "passed"}, bad],
    lambda bad: {"rules": [bad, "passed"]},
    lambda bad: {"rules": {"tone": bad}},
    lambda bad: {"enabled": True, "status": "passed", "contains": [bad]},
    lambda bad: {"isEnabled": True, "details": {"rules": [[bad]]}, "passed": True},
)
STATUS_KEYS = ("status", "Status", "STATE", "result", "outcome", "ver_dict")
PASSED_KEYS = ("passed", "isPassed", "Success", "succeeded")


def signs_of_an_unknown_kind(path: Path) -> Iterator[Sign]:
    failing = [
        *("failed", "Failure"),
        *({key: "failed"} for key in STATUS_KEYS),
        *({key: False} for key in PASSED_KEYS),
    ]
    for number, shape in enumerate(SHAPES):
        # A third of the words in each shape, so that every word is in several.
        yield from put(path, "failed", "sentiment", *map(shape, failing[number % 3 :: 3]))
        ended = [shape({key: "aborted"}) for key in STATUS_KEYS[number % 3 :: 3]]
        yield from put(path, "unknown kind", "sentiment", *ended)


def signs_of_assertion(path: Path, kind: str, held: Json) -> Iterator[Sign]:
    yield from put(path, "malformed", kind, *NO_OBJECT)
    inside = (*path, kind)
    yield from put(inside, "failed", "status", "failed", "Failure")
    yield from put(inside, "state", "status", *STATES[2:6], "odd", *UNFINISHED)
    yield from put(inside, "malformed", "status", *NO_TEXT)
    yield from put(inside, "malformed", "enabled", "yes", "true", 0, 1, [], {})
    yield from put(inside, "malformed", "contains", *NO_LIST)
    for contains in NOT_EVALUATED:
        untold = {"contains": contains, "status": None}
        yield Sign(inside, "state", f"not evaluated: {untold}", partial(updated, untold))
    yield from put(inside, "item", "Status", "failed", "odd", "error")
    yield from put(inside, "item", "result", "failed", "error")
    for state in ("failed", "odd", "error", "running", "notexecuted"):
        items = [item | {"status": state} for item in held["contains"]]
        yield from put(inside, "item", "contains", items)
    for number, item in enumerate(held["contains"]):
        place = (*inside, "contains", number)
        yield from put(place, "malformed", "status", *NO_TEXT)
        if kind != "text":
            yield from put(place, "item", "status", "failed", "odd", "error", "notexecuted")
            yield from put(place, "item", "STATUS", "failed", "odd", "error")
            if held.get("status") is None:
                yield from put(place[:-1], "item", number, None, "passed", {}, [item])
                yield from put(place, "item", "status", None, "")
                yield from gone(place, "item", "status")


def repeated(value: Any, path: Path = ()) -> Iterator[Sign]:
    """Yield, for each name in each object, that it is there twice."""
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for name, held in inner:
        if isinstance(value, dict):
            values = [held, "failed"] if name == "status" else [held]
            yield from put(path, "repeated", f"{TWICE}{name}", *values)
        if isinstance(held, dict | list):
            yield from repeated(held, (*path, name))


def encoded(answer: Json) -> bytes:
    return json.dumps(answer).replace(f'"{TWICE}', '"').encode()


def with_sign(text: str, sign: Sign) -> bytes:
    """Return the answer of this text with a sign in it."""
    answer = json.loads(text)
    held = answer
    for name in sign.path:
        held = held[name]
    sign.change(held)
    return encoded(answer)


def outcome_of(
    body: bytes, policy: Policy | None = None, observed: Observed = NOT_OBSERVED
) -> Outcome:
    try:
        return judge(read_result(body), policy or Policy(), TARGET, observed).outcome
    except MalformedResult:
        return Outcome.ERROR


def hold_to_every_sign(answer: Json) -> None:
    assert outcome_of(encoded(answer)) is Outcome.PASSED
    text = json.dumps(answer)
    for more in (0, 1, 100):
        observed = Observed(steps=answer["totalTestStepsCount"] + more)
        CASES["announced" if more else "of no matter"] += 1
        assert (outcome_of(text.encode(), observed=observed) is Outcome.PASSED) is (not more)
    for sign in signs(answer):
        CASES[sign.kind] += 1
        assert outcome_of(with_sign(text, sign)) is not Outcome.PASSED, sign


@given(passing_answers())
@examples(12)
def test_one_bad_sign_anywhere_leads_away_from_passed(answer: Json) -> None:
    hold_to_every_sign(answer)


@given(passing_summaries())
@examples(15)
def test_one_bad_sign_in_an_answer_without_step_details_leads_away_from_passed(
    answer: Json,
) -> None:
    hold_to_every_sign(answer)


@given(passing_answers(), st.frozensets(st.sampled_from(list(Check))))
@examples(7)
def test_no_acceptance_covers_what_failed_or_is_malformed(
    answer: Json, accept: frozenset[Check]
) -> None:
    text = json.dumps(answer)
    for sign in signs(answer):
        CASES[f"{sign.kind}, accepted"] += 1
        told = outcome_of(with_sign(text, sign), Policy(accept=accept))
        if sign.kind == "failed":
            assert told is Outcome.FAILED, sign
        elif sign.kind in ("malformed", "errors", "empty", "failed counter", "repeated"):
            assert told is not Outcome.PASSED, sign


def sprinkled(value: Any, extra: Any) -> Any:
    """Put an unknown field into every object of an answer."""
    if isinstance(value, dict):
        return {"zz": extra, **{key: sprinkled(inner, extra) for key, inner in value.items()}}
    return [sprinkled(inner, extra) for inner in value] if isinstance(value, list) else value


def turned_round(value: Any) -> Any:
    """Turn the order of the names in every object round."""
    if isinstance(value, dict):
        return {name: turned_round(value[name]) for name in reversed(value)}
    return [turned_round(inner) for inner in value] if isinstance(value, list) else value


# Every object gets the field, that of the assertions too: there, a word such as "fail" does matter.
harmless = words.filter(lambda word: state_of(word) in (State.UNKNOWN, State.MISSING))


@given(passing_answers(), st.none() | st.integers() | harmless | st.lists(harmless, max_size=2))
@examples(100)
def test_unknown_fields_and_unneeded_ones_do_not_matter(answer: Json, extra: Any) -> None:
    result = answer["result"]
    details = result.pop("errorDetails")
    changed = sprinkled(answer, extra)
    changed["result"] |= {"errorDetails": details, "duration": extra, "startTime": extra}
    done = None if isinstance(extra, int) and extra < 100 else extra
    changed |= {"percentageCompleted": done, "testSuiteId": extra}
    for one in changed["result"]["executionResults"]:
        one |= {"input": extra, "intents": extra, "requestId": extra, "nlpVersion": extra}
    CASES["of no matter"] += 1
    assert outcome_of(encoded(changed)) is Outcome.PASSED


@given(passing_answers() | passing_summaries(), st.data())
@examples(100)
def test_how_an_answer_is_written_does_not_matter(answer: Json, data: st.DataObject) -> None:
    plain = data.draw(st.booleans())
    indent = data.draw(st.none() | st.integers(0, 3))
    mark = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    body = json.dumps(turned_round(answer), ensure_ascii=plain, indent=indent).encode()
    CASES["of no matter"] += 1
    assert outcome_of(mark + body) is Outcome.PASSED


@given(passing_answers(), st.data())
@examples(100)
def test_what_is_not_told_or_empty_does_not_matter_where_nothing_rests_on_it(
    answer: Json, data: st.DataObject
) -> None:
    answer["errors"] = data.draw(st.sampled_from([None, "", [], {}]))
    answer["result"]["errorDetails"] = data.draw(st.sampled_from([None, "", [], {}]))
    untold = data.draw(st.sets(st.sampled_from(["passed", "failed", "total", "all"])))
    for name in untold - {"all"}:
        answer["result"]["stepDetails"][name] = None
    if "all" in untold:
        del answer["result"]["stepDetails"], answer["totalTestStepsCount"]
    for one in answer["result"]["executionResults"]:
        one |= {"intents": None, "faqs": None, "requestId": None}
        for message in (*one["outputs"], *one["actualOutput"]):
            message |= {"textMismatch": data.draw(st.booleans()), "text": None, "nodeName": None}
            message["assertions"] |= {"custom": {}, "later": None, "notes": "none"}
    CASES["of no matter"] += 1
    assert outcome_of(encoded(answer)) is Outcome.PASSED


def test_the_number_of_cases_is_said(say_held: Callable[[str], None]) -> None:
    harmless = CASES["of no matter"]
    signs_tried = CASES.total() - harmless
    kinds = len({kind.partition(",")[0] for kind in CASES} - {"of no matter"})
    say_held(
        f"{signs_tried:,} answers with one bad sign of {kinds} kinds, "
        f"{harmless:,} with changes that do not matter"
    )
    if NIGHTLY:
        assert signs_tried >= 390_000
